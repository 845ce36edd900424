/* OpenSSL's headers are not modular and ship no module map, so they are included from here.
   Nothing is wrapped: every function that Cryptography calls is a plain one that Swift imports. */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
