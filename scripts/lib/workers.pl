#!/usr/bin/perl
# workers.pl FOLDER COUNT COMMAND...: the quickstart's stand-in for systemd. Makes the listening socket
# FOLDER/postern.sock once and runs COUNT workers on it (descriptor 3, sd_listen_fds(3)). One that ends is
# started again after 100 ms, as Restart=always does, unless it ended with 78 (unusable settings).
# HUP is passed on; TERM and INT stop all. Writes FOLDER/workers.pid and FOLDER/worker-N.pid.
use strict;
use warnings;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG dup2);

my ($folder, $count, @command) = @ARGV;
die "usage: workers.pl FOLDER COUNT COMMAND...\n" unless @command && $count =~ /^[1-9][0-9]?$/;

my $stopping = 0;
my $reload   = 0;
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };
$SIG{HUP}  = sub { $reload = 1 };

my $path = "$folder/postern.sock";
unlink $path;
umask 0117;    # the socket is 0660
my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $path, Listen => 4096)
    or die "workers.pl: $path: $!\n";
umask 0077;

my %number;      # process -> worker number
my %again;       # worker number -> the turn of the loop in which it is started again
my $turn = 0;    # one is 20 ms
write_number("workers.pid", $$);
start($_) for 1 .. $count;

until ($stopping && !%number) {
    while ((my $process = waitpid(-1, WNOHANG)) > 0) {
        my $worker = delete $number{$process} // next;
        unlink "$folder/worker-$worker.pid";
        next if $stopping;
        say_event("worker.ended worker=$worker pid=$process status=" . ($? >> 8) . " signal=" . ($? & 127));
        $again{$worker} = $turn + 5 unless $? >> 8 == 78;
    }
    if ($reload) {
        $reload = 0;
        kill HUP => keys %number;
    }
    stop_all() if $stopping;
    unless ($stopping) {
        start($_) for grep { $again{$_} <= $turn } sort keys %again;
    }
    select undef, undef, undef, 0.02;
    $turn++;
}
unlink $path, "$folder/workers.pid";

sub start {
    my ($worker) = @_;
    delete $again{$worker};
    my $process = fork // die "workers.pl: fork: $!\n";
    if (!$process) {
        @ENV{qw(LISTEN_FDS LISTEN_PID POSTERN_WORKER)} = (1, $$, $worker);
        dup2(fileno $listener, 3) // die "workers.pl: dup2: $!\n";
        fcntl $listener, 2, 0 if fileno $listener == 3;    # F_SETFD: without close-on-exec; dup2 did nothing
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    $number{$process} = $worker;
    write_number("worker-$worker.pid", $process);
}

# Sends TERM once; who is still there after 30 s (TimeoutStopSec= of the unit) is killed.
my $deadline;
sub stop_all {
    if (!defined $deadline) {
        $deadline = time + 30;
        kill TERM => keys %number;
    }
    kill KILL => keys %number if time > $deadline;
}

sub write_number {
    my ($name, $value) = @_;
    open my $file, '>', "$folder/$name.new" or die "workers.pl: $folder/$name.new: $!\n";
    print $file "$value\n";
    close $file;
    rename "$folder/$name.new", "$folder/$name" or die "workers.pl: $folder/$name: $!\n";
}

sub say_event { print STDERR "@_\n" }
