"""Ten thousand links that are none: tests/integration/test_letter_links.py has a sample."""
from test_letter_links import check_links
from test_letters_web import house_of_letters     # noqa: F401 (a fixture)


def test_ten_thousand_links_that_are_none_open_nothing(house_of_letters):     # noqa: F811
    assert check_links(house_of_letters, 2500) == 10000
