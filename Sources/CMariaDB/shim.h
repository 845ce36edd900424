// MariaDB Connector/C and its error numbers, for Swift; only the target Database imports this module.
// Nothing variadic is needed: mysql_options(3) takes every option that is set there.
#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
