import System

// Code here belongs to the main actor: everything is in Program.
Process.exit(Program.run(Process.arguments))
