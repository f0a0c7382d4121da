# Loaded before every perl program on a node. AIX has perl's core modules and no others; a TCP connection to port 657
# becomes what the scenario says: open, refused, or no answer at all. Everything stays on the loopback address.
package labperl;
use strict;
use warnings;
use Config;

BEGIN {
    my @core = grep { defined && length } @Config{qw(privlibexp archlibexp)};
    @INC = grep { my $dir = $_; $dir =~ m{/perl-base$} || grep { index($dir, $_) == 0 } @core } @INC;
}
use Errno qw(ECONNREFUSED);
use Socket ();
use Symbol ();

# The node's clock, as `date` has it.
my $skew = 0;
if (open my $knob, '<', "$ENV{LAB_ROOT}/lab/knobs/clock-skew") { chomp($skew = <$knob> // 0) }

BEGIN {
    no warnings 'once';
    *CORE::GLOBAL::time = sub () { return CORE::time() + ($skew // 0) };
}

my @kept;

sub listener {
    my ($family, $backlog) = @_;
    socket(my $server, $family, Socket::SOCK_STREAM(), 0) or return;
    my $any = $family == Socket::AF_INET()
        ? Socket::pack_sockaddr_in(0, Socket::INADDR_LOOPBACK())
        : Socket::pack_sockaddr_in6(0, Socket::IN6ADDR_LOOPBACK());
    bind($server, $any) or return;
    listen($server, $backlog) or return;
    push @kept, $server;
    return getsockname($server);
}

# A listener whose queue is full drops further attempts, as a firewall does.
sub black_hole {
    my ($family) = @_;
    my $at = listener($family, 0) or return;
    for (1 .. 2) {
        socket(my $filler, $family, Socket::SOCK_STREAM(), 0) or return;
        $filler->blocking(0);
        CORE::connect($filler, $at);
        push @kept, $filler;
    }
    return $at;
}

BEGIN {
    require IO::Handle;
    no warnings 'once';
    *CORE::GLOBAL::connect = sub (*$) {
        my ($handle, $name) = @_;
        $handle = Symbol::qualify_to_ref($handle, caller) unless ref $handle || ref \$handle eq 'GLOB';
        my $family = Socket::sockaddr_family($name);
        my $port =
            $family == Socket::AF_INET()    ? (Socket::unpack_sockaddr_in($name))[0]
            : $family == Socket::AF_INET6() ? (Socket::unpack_sockaddr_in6($name))[0]
            :                                 0;
        return CORE::connect($handle, $name) unless $port == 657;
        my $outcome = 'open';
        if (open my $knob, '<', "$ENV{LAB_ROOT}/lab/knobs/tcp-657") { chomp($outcome = <$knob> // 'open') }
        if ($outcome eq 'refused') { $! = ECONNREFUSED; return undef }
        my $at = $outcome eq 'timeout' ? black_hole($family) : listener($family, 5);
        return undef unless defined $at;
        return CORE::connect($handle, $at);
    };
}

1;
