import sys

from interfaces.cli.app import main

sys.exit(main(sys.argv[1:]))
