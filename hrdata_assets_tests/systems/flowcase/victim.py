"""A pull in a process of its own, which a test kills: the environment says what is pulled, and where to."""

from hrdata_assets.settings import load_settings
from hrdata_assets.systems.configuration import load_system_settings
from hrdata_assets.systems.flowcase.pulling import pull_quarter
from hrdata_assets_tests.systems.flowcase.account import QUARTER

if __name__ == "__main__":
    pull_quarter(load_settings(), load_system_settings(), QUARTER)
