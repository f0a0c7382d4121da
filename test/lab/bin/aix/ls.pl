# The long list of AIX's ls: owners are root:system unless chown has written down others, -e adds an eleventh letter to
# the mode, and the lab's own programs are the files that they stand for.
use strict;
use warnings;
use POSIX qw(strftime);

my (%flag, @paths);
for (@ARGV) {
    if (/^-(.+)/) { $flag{$_} = 1 for split //, $1 }
    else { push @paths, $_ }
}
for (keys %flag) {
    next if /[leaAdLRtri1n]/;
    print STDERR "(lab) ls: not simulated in a long list: -$_\n";
    exit 2;
}
my $root = $ENV{LAB_ROOT};
@paths = grep { -e $_ || -l $_ } map { $_ eq '/' ? $root : $_ } @paths ? @paths : ();
exit 0 if @ARGV && !@paths && grep { !/^-/ } @ARGV;
@paths = ('.') unless @paths;

my @folders = grep { !$flag{d} && -d $_ && ($flag{L} || !-l $_) } @paths;
my %is_folder = map { $_ => 1 } @folders;
my @files = grep { !$is_folder{$_} } @paths;
print row($_, $_) for @files ? sorted(@files) : ();
my $first = !@files;
folder($_, @files > 0 || @folders > 1 || $flag{R}) for sorted(@folders);

sub folder {
    my ($path, $titled) = @_;
    print "\n" unless $first;
    $first = 0;
    print "$path:\n" if $titled;
    opendir my $dir, $path or do { print STDERR "ls: 0653-345 $path: Permission denied.\n"; return };
    my @names = grep { $flag{a} || ($flag{A} && !/^\.\.?$/) || !/^\./ } readdir $dir;
    my @all = map { "$path/$_" } @names;
    my $blocks = 0;
    $blocks += blocks($_) for @all;
    print "total $blocks\n";
    print row($_, (split m{/}, $_)[-1]) for sorted(@all);
    return unless $flag{R};
    for (sorted(@all)) {
        next if m{/\.\.?$} || -l $_ || !-d $_;
        folder($_, 1);
    }
}

sub sorted {
    my @all = sort @_;
    @all = sort { (lstat $b)[9] <=> (lstat $a)[9] } @all if $flag{t};
    return $flag{r} ? reverse @all : @all;
}

sub blocks { my @s = lstat $_[0]; return int((($s[7] // 0) + 4095) / 4096) * 8 }

sub row {
    my ($path, $name) = @_;
    my $target = -l $path ? readlink $path : undef;
    # A link out of the node's root is how the lab puts its programs there.
    my $followed = $flag{L} || (defined $target && $target =~ m{^/} && index($target, "$root/") != 0);
    my @s = $followed ? stat $path : lstat $path;
    @s = lstat $path unless @s;
    my ($inode, $bits, $links, $size, $time) = @s[1, 2, 3, 7, 9];
    my $is_link = !$followed && defined $target;
    my ($owner, $group) = ('root', 'system');
    if (open my $record, '<', "$root/lab/owners/$inode") {
        chomp(my $line = <$record> // '');
        ($owner, $group) = split /:/, $line if $line =~ /:/;
    }
    my $kind = $is_link ? 'l' : ($bits & 0170000) == 0040000 ? 'd' : ($bits & 0170000) == 0010000 ? 'p'
        : ($bits & 0170000) == 0020000 ? 'c' : ($bits & 0170000) == 0060000 ? 'b' : '-';
    my $mode = $kind . letters($bits);
    $mode .= '-' if $flag{e};
    my $when = abs(time - $time) > 15768000 ? strftime('%b %d  %Y', localtime $time) : strftime('%b %d %H:%M', localtime $time);
    my $inode_column = $flag{i} ? sprintf('%8d ', $inode) : '';
    my $arrow = $is_link ? " -> $target" : '';
    return sprintf "%s%s %4d %-8s %-8s %10d %s %s%s\n", $inode_column, $mode, $links, $owner, $group, $size, $when, $name, $arrow;
}

sub letters {
    my ($bits) = @_;
    my $text = join '', map { ($bits & (1 << (8 - $_))) ? substr('rwxrwxrwx', $_, 1) : '-' } 0 .. 8;
    substr($text, 2, 1) = $bits & 0100 ? 's' : 'S' if $bits & 04000;
    substr($text, 5, 1) = $bits & 0010 ? 's' : 'S' if $bits & 02000;
    substr($text, 8, 1) = $bits & 0001 ? 't' : 'T' if $bits & 01000;
    return $text;
}
