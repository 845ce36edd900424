import Service
import System

/// curl(1) as the client: one process for many requests, a few at once.
struct Curl {
    static let program = "/usr/bin/curl"
    private static let atOnce = 4
    /// s, for one request
    private static let patience = 10

    struct Fault: Error, CustomStringConvertible { let description: String }

    let address: SiteAddress
    /// Certificates to trust in place of the system's.
    let authorities: String?

    /// The answers, in the order of the probes.
    func ask(_ probes: [Probe]) throws -> [ProbeAnswer] {
        let milliseconds = (probes.count / Curl.atOnce + 2) * Curl.patience * 1000
        let outcome = try ChildProcess.run(
            Curl.program, ["-q", "--config", "-"], input: Array(configuration(probes).utf8), milliseconds: milliseconds,
            limit: 4 << 20)
        let answers = Curl.answers(String(decoding: outcome.output, as: UTF8.self), count: probes.count)
        guard answers.contains(where: { $0.map { !$0.isUntried } ?? false }) else {
            let lines = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n")
            let reason = lines.first { $0.hasPrefix("curl: (") } ?? lines.last
            throw Fault(description: reason.map { String($0) } ?? "curl said nothing")
        }
        return answers.map { $0 ?? ProbeAnswer(fault: ProbeAnswer.notSaid) }
    }

    /// Nothing but its number and figures comes back: no body, no header of the site's.
    func configuration(_ probes: [Probe]) -> String {
        var common = [
            "silent", "show-error", "path-as-is", "globoff", "output = /dev/null", "connect-timeout = 5",
            "noproxy = \"*\"",
            "max-time = \(Curl.patience)", "user-agent = \"postern-check/\(Version.text)\"",
        ]
        if let authorities { common.append("cacert = " + Probe.quoted(authorities)) }
        let requests = probes.enumerated().map { number, probe in
            let figures = "%{http_code} %{size_download} %{exitcode} %header{proxy-status}"
            let version = probe.options.contains { $0.hasPrefix("http") } ? [] : ["http1.1"]
            let lines =
                common + version + probe.options + [
                    "url = " + Probe.quoted(address.text + probe.path),
                    "write-out = \"\(number) \(figures)\\n\"",
                ]
            return lines.joined(separator: "\n")
        }
        return "parallel\nno-progress-meter\nparallel-max = \(Curl.atOnce)\n" + requests.joined(separator: "\nnext\n")
            + "\n"
    }

    static func answers(_ text: String, count: Int) -> [ProbeAnswer?] {
        var answers = [ProbeAnswer?](repeating: nil, count: count)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count >= 5, let number = Int(fields[0]), answers.indices.contains(number),
                let status = Int(fields[1]), let size = Int(fields[2]), let fault = Int(fields[3])
            else { continue }
            let speaker = fields[4].prefix { $0 != ";" && $0 != "," }
            answers[number] = ProbeAnswer(status: status, size: size, isGates: speaker == "postern", fault: fault)
        }
        return answers
    }
}
