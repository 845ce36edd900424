import System

/// `postern check --site`: forged requests through nginx to protected locations, and what got through.
struct SiteLook {
    struct Target: Equatable {
        let path: String
        let isPrefix: Bool
    }

    /// A run asks no more locations than these; the others are named.
    static let mostTargets = 12
    private static let mostLines = 8

    let curl: Curl
    let targets: [Target]

    /// Sends everything; each location has its findings.
    func findings() -> [Finding] {
        guard Files.exists(Curl.program) else {
            return [.fail("site", "\(Curl.program) is not there. Cure: apt install curl")]
        }
        do {
            return try knock()
        } catch {
            return [.fail("site", "\(curl.address.text): \(error)")]
        }
    }

    private func knock() throws -> [Finding] {
        let asked = targets.prefix(SiteLook.mostTargets)
        let forgeries = asked.map { Forgeries(curl.address, $0.path, isPrefix: $0.isPrefix) }
        // First as everybody asks: what is open, or away, needs no forged request.
        let nowhere = "/postern-check-\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"
        let controls = [Probe(.outside, nowhere)] + Forgeries.hosts(nowhere)
        let first = try curl.ask(controls + forgeries.map { Probe(.same, $0.path) } + [Probe(.outside, NginxGate.path)])
        let plain = first[controls.count..<(controls.count + forgeries.count)]
        var findings = SiteLook.inside(first.last)

        var probes: [[Probe]] = []
        var isBasicSent = false
        for (forgery, answer) in zip(forgeries, plain) {
            if let finding = SiteLook.unguarded(forgery.path, answer) {
                findings.append(finding)
                probes.append([])
            } else {
                probes.append(forgery.all(withBasic: !isBasicSent))
                isBasicSent = true
            }
        }
        let all = probes.flatMap(\.self)
        guard !all.isEmpty else { return findings }
        var answers = try curl.ask(all)[...]
        for (forgery, own) in zip(forgeries, probes) where !own.isEmpty {
            findings += SiteLook.judge(
                forgery.path, own, Array(answers.prefix(own.count)), Array(first.prefix(controls.count)))
            answers = answers.dropFirst(own.count)
        }
        return findings + others()
    }

    private func others() -> [Finding] {
        let rest = targets.dropFirst(SiteLook.mostTargets)
        guard !rest.isEmpty else { return [] }
        return [
            .warn(
                "site",
                "\(rest.count) more protected locations were not asked: " + rest.map(\.path).joined(separator: ", "),
                cure: "--location PATH, for each of them, in another run")
        ]
    }

    /// The check's own path, which nobody may ask from outside.
    private static func inside(_ answer: ProbeAnswer?) -> [Finding] {
        guard let answer, (200..<300).contains(answer.status) else { return [] }
        return [
            .fail(
                "site",
                "\(NginxGate.path) answers strangers (\(answer.status)). Cure: internal; as in snippets/postern.conf")
        ]
    }

    /// A location that cannot be tried.
    private static func unguarded(_ path: String, _ answer: ProbeAnswer) -> Finding? {
        if answer.status == 0 { return .fail("site", "\(path): no answer (\(answer.reason))") }
        if answer.isGates && answer.status == 503 {
            return .warn("site", "\(path): Postern is away (503), so nothing is known", cure: "systemctl start postern")
        }
        if answer.isRefusalOfOurs { return nil }
        if answer.status == 401 {
            return .warn(
                "site",
                "\(path): refused (401), but not in Postern's words: an application may have answered, unchecked, and forged "
                    + "requests cannot be judged",
                cure: "auth_request and the error_page of snippets/postern.conf for that location")
        }
        return .fail(
            "site",
            "\(path): open: \(answer.status) to a request without any credential. "
                + "Cure: auth_request in the location that answers it, sudo postern check names it")
    }

    static func judge(
        _ path: String, _ probes: [Probe], _ answers: [ProbeAnswer], _ controls: [ProbeAnswer]
    ) -> [Finding] {
        var through: [Finding] = []
        var unasked: [String] = []
        var untried: [(Probe, ProbeAnswer)] = []
        var others = controls.dropFirst()
        for (probe, answer) in zip(probes, answers) {
            var control = controls.first
            if case .otherHost = probe.kind { control = others.popFirst() }
            switch SiteVerdict.of(probe, answer, control: control) {
            case .kept: continue
            case .unasked: unasked.append("\(probe.text): \(answer.status)")
            case .untried: untried.append((probe, answer))
            case .through:
                through.append(
                    .fail(
                        "site",
                        "\(path): \(probe.text) got through: \(answer.status). Cure: sudo postern check names the location "
                            + "that answers, docs/check.md says more"))
            }
        }
        var findings = Array(through.prefix(mostLines))
        if through.count > mostLines {
            findings.append(.fail("site", "\(path): and \(through.count - mostLines) more got through"))
        }
        if !unasked.isEmpty {
            let more = unasked.count > mostLines ? ", and \(unasked.count - mostLines) more" : ""
            findings.append(
                .warn(
                    "site",
                    "\(path): answered without asking Postern: \(unasked.prefix(mostLines).joined(separator: ", "))\(more)",
                    cure: "location ^~ \(path), if another location answers there and has files below it"))
        }
        if let finding = silent(path, untried, of: probes.count) { findings.append(finding) }
        guard findings.isEmpty else { return findings }
        return [.ok("site", "\(path) \(probes.count) forged requests, none got through (\(statuses(answers)))")]
    }

    /// Requests without an answer: they say nothing of the location.
    private static func silent(_ path: String, _ untried: [(Probe, ProbeAnswer)], of count: Int) -> Finding? {
        guard let first = untried.first else { return nil }
        let reasons = counted(untried.map(\.1.reason))
        if untried.count == count {
            return .fail("site", "\(path): none of \(count) forged requests was answered (\(reasons))")
        }
        return .warn(
            "site",
            "\(path): \(untried.count) of \(count) forged requests not tried (\(reasons)), the first \(first.0.text)",
            cure: "postern check --site again, from where nothing between holds them up")
    }

    /// "401 40, 404 9, closed 4"
    private static func statuses(_ answers: [ProbeAnswer]) -> String {
        counted(answers.map { $0.status == 0 ? "closed" : String($0.status) })
    }

    private static func counted(_ words: [String]) -> String {
        let counts = Dictionary(grouping: words, by: \.self).mapValues(\.count)
        return counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }
}
