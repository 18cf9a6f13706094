# Runs the tests of an esctest2 checkout in the terminal of its standard input and output, and judges their pictures by cells that it is told over a
# socket: DECRQCRA, by which esctest itself looks, is answered by few terminals. Started by esctest.mjs.
#   python3 esctest.py CHECKOUT SOCKET INCLUDE
import os
import socket
import sys
import time

checkout, path, include = sys.argv[1:4]
folder = os.path.join(checkout, 'esctest')
sys.path.insert(0, folder)
sys.argv = ['esctest', '--max-vt-level=4', '--timeout=1', '--no-print-logs', '--v=1',
            '--logfile=/dev/null', '--include=' + include]
sys.dont_write_bytecode = True

# Before escutil: the two import each other.
import esccmd  # noqa: F401
import escutil

# What a terminal is known to fail counts as failed, and what it passes nevertheless as passed.
escutil.knownBug = lambda *args, **kwargs: lambda function: function

import escargs
import escio

# Its last line runs everything; ours is to run test by test.
esctest = type(sys)('esctest')
with open(os.path.join(folder, 'esctest.py')) as source:
  lines = source.read().rstrip().split('\n')
assert lines[-1] == 'main()', 'another esctest2 than the one this was written for'
exec(compile('\n'.join(lines[:-1]), 'esctest.py', 'exec'), esctest.__dict__)

channel = socket.socket(socket.AF_UNIX)
channel.connect(path)
answers = channel.makefile('r')


def ask(line):
  channel.sendall((line + '\n').encode())
  return answers.readline().strip()


def checksum_of_cell(rect):
  # The answer to a status report means that everything before it is on the screen.
  escio.Write('\x1b[5n')
  escio.ReadCSI('n')
  code = int(ask('cell %d %d' % (rect.left(), rect.top())))
  # As an xterm of the default settings tells it: negated, and a cell never written to is a space.
  return 0x10000 - (code or 32)


def settle():
  # A failed test leaves answers unread and modes set.
  escio.Write('\x1b\\\x1bc')
  ask('drain')
  import select
  while select.select([sys.stdin.fileno()], [], [], 0.005)[0]:
    if not os.read(sys.stdin.fileno(), 4096):
      break


escutil.GetChecksumOfRect = checksum_of_cell
time.sleep = lambda seconds: None
esctest.init()
try:
  for name, method in list(esctest.MatchingNamesAndMethods()):
    settle()
    status = esctest.RunTest(name, method)
    ask('result %s %s' % (name, {True: 'pass', False: 'fail', None: 'skip'}[status]))
finally:
  ask('end')
  os._exit(0)
