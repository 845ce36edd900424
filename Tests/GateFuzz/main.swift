import Glibc

// Differential fuzz of the gate: what it passes, libfcgi must take without fault and read as the same parameters and
// body. One command: swift run GateFuzz --seconds 60 [--seed 1]. Ends with 1 and prints seed and bytes of a finding.

exit(run(Array(CommandLine.arguments.dropFirst())))
