# Owns the program in a pane of the benchmark: it does what the benchmark tells it over a socket, the same in Drover and in tmux.
# perl pane-program.pl SOCKET NAME. Perl, because it starts in 2 ms, writes as fast as a pane reads, and is there wherever git is.
use strict;
use warnings;

my ($path, $name) = @ARGV;
my $frames = '';
$| = 1;
# First of all: what follows takes 20 ms, which is no multiplexer's.
syswrite(STDOUT, "\e[2J\e[Hready-$name\r\n");
system('stty raw -echo');
require IO::Socket::UNIX;
my $control = IO::Socket::UNIX->new(Peer => $path) or die "no benchmark at $path";
tell_bench("hello $name");
while (defined(my $line = <$control>)) {
  chomp $line;
  my ($what, @words) = split / /, $line;
  if ($what eq 'feed') { feed(@words) }
  elsif ($what eq 'flood') { flood(0, @words) }
  elsif ($what eq 'floodecho') { flood(1, @words) }
  elsif ($what eq 'echo') { echo(1) }
  elsif ($what eq 'type') { echo(0) }
  elsif ($what eq 'fill') { fill(@words) }
  elsif ($what eq 'spin') { spin(@words) }
  elsif ($what eq 'replay') { replay(@words) }
}

sub tell_bench { print {$control} "$_[0]\n"; $control->flush }
sub slurp { open(my $file, '<:raw', $_[0]) or die $_[0]; local $/; my $all = <$file>; close $file; return $all }
sub pause { select(undef, undef, undef, $_[0]) }
sub put { my $at = 0; while ($at < length $_[0]) { $at += syswrite(STDOUT, $_[0], 65536, $at) // die } }

# True when the benchmark says something, which ends what runs.
sub is_told { my $bits = ''; vec($bits, fileno($control), 1) = 1; return select($bits, undef, undef, 0) > 0 }

# Waits until the terminal has taken all that was written before: it answers where its cursor is.
sub fence { put("\e[6n"); my $reply = ''; while ($reply !~ /R/) { sysread(STDIN, $reply, 64, length $reply) or die } }

# A file so many times; then `done`.
sub feed { my ($file, $times) = @_; my $all = slurp($file); put($all) for 1 .. $times; fence(); tell_bench('done') }

# A file over and over; with `echo`, each key is shown at the top left between two frames.
sub flood {
  my ($echoes, $file) = @_;
  my @frames = split /(?=\e\[2;1H)/, slurp($file);
  if (@frames == 1) { my $all = $frames[0]; @frames = map { substr($all, $_ * 4096, 4096) } 0 .. int(length($all) / 4096) }
  # What an earlier key left would look like the echo of the next.
  put("\e[m\e[2J\e[H") if $echoes;
  while (1) {
    for my $frame (@frames) {
      put($frame);
      if ($echoes) {
        my $bits = ''; vec($bits, 0, 1) = 1;
        if (select($bits, undef, undef, 0) > 0) { sysread(STDIN, my $keys, 64); put("\e[1;1H" . substr($keys, -1)) }
      }
      if (is_told()) { my $stop = <$control>; fence() unless $echoes; put("\e[m\e[2J\e[H"); tell_bench('done'); return }
    }
  }
}

# Shows each key, always in the first column, or one behind the other; until the benchmark speaks.
sub echo {
  my ($is_fixed) = @_;
  my $column = 0;
  put("\e[m\e[2J\e[H");
  tell_bench('echoing');
  while (1) {
    my $bits = ''; vec($bits, 0, 1) = 1; vec($bits, fileno($control), 1) = 1;
    select($bits, undef, undef, undef);
    if (vec($bits, fileno($control), 1)) { my $stop = <$control>; tell_bench('done'); return }
    sysread(STDIN, my $key, 64) or return;
    tell_bench("typed");
    if ($is_fixed) { put("\r" . substr($key, -1)); next }
    put($key);
    if (++$column == 40) { put("\r\n"); $column = 0 }
  }
}

# Full lines, as wide as the pane; the last one carries a mark.
sub fill {
  my ($lines, $mark) = @_;
  my (undef, $cols) = split / /, `stty size`;
  chomp $cols;
  my $text = join ' ', map { "word$_" } 1 .. 100;
  for my $line (1 .. $lines) { put("\e[3" . ($line % 8) . "m" . substr("$line $text", 0, $cols - 1) . "\e[m\r\n") }
  put("$mark\r\n");
  fence();
  tell_bench('done');
}

# A spinner in the manner of an agent, so many times a second, until the benchmark speaks.
sub spin {
  my ($hertz) = @_;
  my @faces = ("\xc2\xb7", "\xe2\x9c\xa2", "\xe2\x9c\xb3", "\xe2\x9c\xb6", "\xe2\x9c\xbb", "\xe2\x9c\xbd");
  my $turn = 0;
  until (is_told()) {
    put("\e[38;2;215;119;87m\r$faces[$turn++ % 6] Thinking\e[m (" . int($turn / $hertz) . "s)");
    pause(1 / $hertz);
  }
  my $stop = <$control>;
  tell_bench('done');
}

# A recording at its speed, over and over: the file of times has a line for each chunk, its wait in ms and its bytes.
sub replay {
  my ($raw, $times) = @_;
  my $all = slurp($raw);
  my @chunks = map { [split / /] } split /\n/, slurp($times);
  while (1) {
    my $at = 0;
    for my $chunk (@chunks) {
      pause($chunk->[0] / 1000) if $chunk->[0] > 0;
      put(substr($all, $at, $chunk->[1]));
      $at += $chunk->[1];
      if (is_told()) { my $stop = <$control>; tell_bench('done'); return }
    }
  }
}
