"""`python -m bot.config > docs/configuration.md`"""

import sys

from bot.config.reference import document

sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a page is UTF-8 whatever the terminal speaks
sys.stdout.write(document())
