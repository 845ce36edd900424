import Service
import System

/// What everybody may know: the names of the status files tell which processes to look for.
enum PublicGlance {
    static func lines(_ settings: Settings, now: Moment) -> [StatusLine] {
        let folder = StatusFolder(settings)
        let processes = folder.processIDs().compactMap { pid in RunningProcess.of(pid).map { (pid, $0) } }
        let words = processes.map { pid, process in "\(pid): \(process.residentKiB / 1024) MiB" }
        let workers = StatusLine(
            subject: "workers", health: processes.isEmpty ? .down : .well,
            head: processes.isEmpty ? "none runs" : "\(processes.count) running",
            detail: words.joined(separator: "    "),
            hint: processes.isEmpty ? "systemctl status postern" : "", json: [("running", .number(processes.count))])
        let user = settings.service.user
        let rights = StatusLine(
            subject: "rights", head: "public only",
            detail: "the rest is for root" + (user == "root" ? "" : " and \(user)"), hint: "sudo postern status",
            json: [("public_only", .flag(true))])
        return [workers, rights]
    }
}
