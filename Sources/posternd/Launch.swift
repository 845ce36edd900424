import FastCGI
import Service
import System

/// Start-up, top to bottom: arguments, settings, resources, socket, threads, signals.
enum Launch {
    /// Unusable settings: systemd does not try again (RestartPreventExitStatus=78).
    private static let unusable: Int32 = 78

    static func run(_ words: [String]) -> Int32 {
        Signals.blockAllButFaults()
        Signals.ignoreBrokenPipes()
        // The arguments of a CGI program are the client's (RFC 3875 section 4.4): not one of them is looked at.
        if CommonGateway.isRequested {
            return answerOnce(Environment.value("POSTERN_CONFIG") ?? SettingsFile.standardPath)
        }
        let arguments: Arguments
        do throws(Arguments.Fault) {
            arguments = try Arguments(words)
        } catch {
            say("posternd: \(error.reason)\n" + Arguments.usage)
            return 2
        }
        switch arguments.action {
        case .help:
            try? StandardStreams.output(Arguments.usage)
            return 0
        case .version:
            try? StandardStreams.output("posternd \(Version.text)\n")
            return 0
        case .check: return check(arguments.settingsPath)
        case .computeHashes:
            Worker.computeHashes()
            return 0
        case .serve: return serve(arguments.settingsPath)
        }
    }

    private static func check(_ path: String) -> Int32 {
        let faults = StartCheck.faults(settingsPath: path)
        for fault in faults { say("posternd: \(fault)") }
        return faults.isEmpty ? 0 : unusable
    }

    /// One request as a plain CGI program (RFC 3875), under fcgiwrap for example.
    private static func answerOnce(_ path: String) -> Int32 {
        do throws(StartError) {
            let worker = try Worker(settingsPath: path)
            try worker.start(isLasting: false)
            let status = CommonGateway.serve(parameters: worker.settings.limits.parameters) { worker.handle($0) }
            worker.stop()
            return status
        } catch {
            // The answer first: a web server may end this process at the first line on standard error.
            _ = CommonGateway.serve { error.answer($0) }
            return failed(error)
        }
    }

    private static func serve(_ path: String) -> Int32 {
        do throws(StartError) {
            let worker = try Worker(settingsPath: path)
            guard let socket = try ListeningPlace.open(worker.settings) else {
                say(
                    """
                    posternd: no listening socket. systemd hands one over: systemctl start postern
                    To run it by hand, set service.socket in \(path) and start it again.
                    """)
                return 2
            }
            return try Daemon(worker: worker, socket: socket).run()
        } catch {
            return failed(error)
        }
    }

    private static func failed(_ error: StartError) -> Int32 {
        say("posternd: \(error)")
        if case .settings = error { return unusable }
        return 1
    }

    private static func say(_ text: String) {
        try? StandardStreams.error(text.hasSuffix("\n") ? text : text + "\n")
    }
}
