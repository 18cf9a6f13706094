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


shape = 0
has_written = True
plain_write = escio.Write


def write(*args, **kwargs):
  global has_written
  has_written = True
  plain_write(*args, **kwargs)


def wait_for_picture():
  # A cursor that looks otherwise comes to the outer terminal after all that was printed before it; a hidden one has no shape. Twice, because tmux
  # puts a whole repaint off, but not the cursor, while its terminal has not taken what came before.
  global shape, has_written
  if not has_written:
    return
  for _ in range(2):
    shape = shape % 6 + 1
    plain_write('\x1b[?25h\x1b[%d q' % shape)
    ask('fence %d' % shape)
  has_written = False


def checksum_of_cell(rect):
  wait_for_picture()
  code = int(ask('cell %d %d' % (rect.left(), rect.top())))
  # As an xterm of the default settings tells it: negated, and a cell never written to is a space.
  return 0x10000 - (code or 32)


def settle(number):
  # A failed test leaves modes set and answers unread: the position is another one for each test, and its answer the last.
  row, column = 2 + number // 70, 2 + number % 70
  plain_write('\x1b\\\x1bc\x1b[%d;%dH\x1b[6n\x1b[H' % (row, column))
  answers_so_far = b''
  while not answers_so_far.endswith(b'\x1b[%d;%dR' % (row, column)):
    answers_so_far += os.read(sys.stdin.fileno(), 4096)


escio.Write = write
escutil.GetChecksumOfRect = checksum_of_cell
ask('begin')
while tuple(os.get_terminal_size()) != (80, 25):
  time.sleep(0.01)
time.sleep = lambda seconds: None
esctest.init()
try:
  for number, (name, method) in enumerate(esctest.MatchingNamesAndMethods()):
    settle(number)
    has_written = True
    status = esctest.RunTest(name, method)
    ask('result %s %s' % (name, {True: 'pass', False: 'fail', None: 'skip'}[status]))
finally:
  ask('end')
  os._exit(0)
