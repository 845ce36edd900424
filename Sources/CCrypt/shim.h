/* libxcrypt ships no module map. crypt_r(3) and crypt_gensalt_rn(3) are plain functions: nothing is wrapped. */
#include <crypt.h>
