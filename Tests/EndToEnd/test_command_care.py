"""postern database, config and check; help and version."""

import json
import os
import shutil

import pytest

from stack import ROOT

MIGRATIONS = ("--directory", str(ROOT / "database"))  # of the checkout, wherever the programs were built


def test_database_status_is_good_and_knows_the_schema(stack):
    done = stack.postern("database", "status", *MIGRATIONS)
    assert done.returncode == 0, done.stderr
    assert "schema" in done.stdout
    assert json.loads(stack.postern("database", "status", *MIGRATIONS, "--json").stdout)


def test_database_status_fails_when_it_is_away(stack):
    with stack.database.stopped():
        assert stack.postern("database", "status", *MIGRATIONS).returncode == 1


def test_migrate_has_nothing_to_do_twice(stack):
    before = stack.database.sql("SELECT COUNT(*) FROM schema_migrations")
    for _ in range(2):
        done = stack.postern("database", "migrate", *MIGRATIONS)
        assert done.returncode == 0, done.stderr
    assert stack.database.sql("SELECT COUNT(*) FROM schema_migrations") == before


def test_sql_prints_what_a_dba_pipes_into_mariadb(stack):
    done = stack.postern("database", "sql", *MIGRATIONS)
    assert done.returncode == 0, done.stderr
    assert "CREATE TABLE" in done.stdout and "users" in done.stdout
    pending = stack.postern("database", "sql", *MIGRATIONS, "--pending")
    assert pending.returncode == 0
    assert "CREATE TABLE" not in pending.stdout
    grants = stack.postern("database", "sql", *MIGRATIONS, "--grants")
    assert "GRANT SELECT, INSERT, UPDATE, DELETE" in grants.stdout
    for right in ("DROP", "ALTER", "ALL PRIVILEGES", "FILE"):
        assert right not in grants.stdout


def test_the_printed_sql_makes_the_schema_of_an_empty_server(stack, tmp_path):
    config = tmp_path / "postern.toml"
    config.write_text(stack.config.read_text().replace('name = "postern"', 'name = "by_hand"'))
    config.chmod(0o600)
    text = stack.postern("database", "sql", *MIGRATIONS, config=config).stdout
    try:
        stack.database.sql(text)
        status = stack.postern("database", "status", "--json", *MIGRATIONS, config=config)
        assert status.returncode == 0, status.stdout + status.stderr
        found = json.loads(status.stdout)
        assert found["usable"] is True and found["pending"] == []
    finally:
        stack.database.sql("DROP DATABASE IF EXISTS by_hand")


def test_the_schema_before_is_usable_and_told_until_somebody_migrates(stack, tmp_path):
    config = tmp_path / "postern.toml"
    config.write_text(stack.config.read_text().replace('name = "postern"', 'name = "one_back"'))
    config.chmod(0o600)
    before = tmp_path / "before"
    before.mkdir()
    migrations = sorted((ROOT / "database").glob("*.sql"))
    for file in migrations[:-1]:
        shutil.copy(file, before)
    try:
        done = stack.postern("database", "migrate", "--directory", str(before), config=config)
        assert done.returncode == 0, done.stdout + done.stderr
        status = stack.postern("database", "status", *MIGRATIONS, config=config)
        assert status.returncode == 0 and migrations[-1].stem[5:] in status.stdout and "pending" in status.stdout
        check = stack.postern("check", config=config).stdout.splitlines()
        found = next(number for number, line in enumerate(check) if "runs on" in line)
        assert check[found].startswith("warn  database") and "Cure" not in check[found]
        assert check[found + 1].strip() == "cure: postern database migrate"
        assert stack.postern("database", "migrate", *MIGRATIONS, config=config).returncode == 0
        assert "pending" not in stack.postern("database", "status", *MIGRATIONS, config=config).stdout
    finally:
        stack.database.sql("DROP DATABASE IF EXISTS one_back")


def test_config_shows_what_differs_from_the_defaults(stack):
    done = stack.postern("config")
    assert done.returncode == 0, done.stderr
    assert "bcrypt_cost" in done.stdout and stack.issuer in done.stdout
    assert "user_cache" not in done.stdout
    everything, defaults = stack.postern("config", "-a").stdout, stack.postern("config", "-d").stdout
    assert "user_cache" in everything and "user_cache" in defaults
    assert json.loads(stack.postern("config", "--json").stdout)


def test_check_of_a_good_installation_has_no_failure(stack):
    done = stack.postern("check")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert not [line for line in lines if line.startswith("FAIL")]
    for subject in ("settings", "key", "database"):
        assert any(line.startswith("ok") and subject in line for line in lines), subject
    assert json.loads(stack.postern("check", "--json").stdout)


def test_check_names_a_key_file_that_all_may_read(stack):
    os.chmod(stack.key_file, 0o644)
    try:
        done = stack.postern("check")
    finally:
        os.chmod(stack.key_file, 0o640)
    assert done.returncode == 1
    assert any(line.startswith("FAIL") and "key" in line for line in done.stdout.splitlines())
    assert "chmod" in done.stdout


def test_check_names_a_database_that_is_away(stack):
    with stack.database.stopped():
        done = stack.postern("check")
    assert done.returncode == 1
    assert any(line.startswith("FAIL") and "database" in line for line in done.stdout.splitlines())


@pytest.mark.parametrize("words", [("--help",), ("user", "--help"), ("token", "check", "--help"), ("--version",)])
def test_help_and_version_need_no_settings(stack, words):
    done = stack.postern(*words, with_config=False)
    assert done.returncode == 0 and done.stdout
