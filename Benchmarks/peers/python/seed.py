"""Makes the Python service's database, its database user and its one client; can be repeated.

Run with the service's own packages. The account that runs it must be an administrator of the MariaDB at
BENCH_DB_SOCKET through unix_socket, as whoever runs scripts/quickstart is.
"""

import getpass
import os

from passlib.context import CryptContext
import pymysql

SCHEMA = """
CREATE TABLE clients (
    client_id CHAR(36) NOT NULL PRIMARY KEY,
    email VARCHAR(254) NOT NULL UNIQUE,
    client_name VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE
) ENGINE = InnoDB
"""


def main() -> None:
    name, user = os.environ["BENCH_DB_NAME"], os.environ["BENCH_DB_USER"]
    connection = pymysql.connect(unix_socket=os.environ["BENCH_DB_SOCKET"], user=getpass.getuser(), autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        cursor.execute(
            f"CREATE OR REPLACE USER `{user}`@localhost IDENTIFIED BY %s", (os.environ["BENCH_DB_PASSWORD"],)
        )
        cursor.execute(f"GRANT SELECT ON `{name}`.* TO `{user}`@localhost")
        cursor.execute(f"USE `{name}`")
        cursor.execute(SCHEMA)
        cursor.execute(
            "INSERT INTO clients (client_id, email, client_name, password_hash) VALUES (%s, %s, %s, %s)",
            (
                os.environ["BENCH_CLIENT_ID"],
                os.environ["BENCH_EMAIL"],
                os.environ["BENCH_CLIENT_NAME"],
                CryptContext(schemes=["bcrypt"]).hash(os.environ["BENCH_PASSWORD"]),
            ),
        )


main()
