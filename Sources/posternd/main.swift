import System

// Code here belongs to the main actor, and a closure made here would trap on a thread: everything is in Launch.
Process.exit(Launch.run(Process.arguments))
