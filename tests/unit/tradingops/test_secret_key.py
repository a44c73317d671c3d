"""The secret key of a desk that was given none."""

from concurrent.futures import ThreadPoolExecutor

from tradingops import secret_key, settings


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path):
    folder = tmp_path / "a desk"
    made = secret_key.kept_in(folder)
    assert secret_key.kept_in(folder) == made
    assert settings.long_enough(made) == made
    assert [path.name for path in folder.iterdir()] == ["secret-key"]
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_two_desks_have_two_keys(tmp_path):
    assert secret_key.kept_in(tmp_path / "one") != secret_key.kept_in(tmp_path / "two")


def test_many_who_come_at_once_are_given_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_key.kept_in(tmp_path), range(32)))) == 1
