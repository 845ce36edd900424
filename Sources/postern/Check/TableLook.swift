import RateWindows
import Service
import System

/// The rate table, as the workers find it.
enum TableLook {
    static func finding(_ settings: Settings) -> Finding {
        let path = settings.service.ratesFile
        guard Files.exists(Rights.folder(of: path)) else {
            return .fail("table", "\(path): its folder does not exist. Cure: systemd-tmpfiles --create postern.conf")
        }
        do throws(RateError) {
            guard let table = try WorkersTable.open(settings), let statistics = table.statistics(),
                let usage = table.usage(at: Moment.now().boot)
            else { return .ok("table", "\(path): none yet, the first worker makes it") }
            return finding(statistics, usage, settings)
        } catch  where error.code == .unusable {
            return .warn("table", "\(error)", cure: "systemctl restart postern: a worker that starts makes a new one")
        } catch {
            return .fail("table", "\(error)")
        }
    }

    static func finding(_ statistics: Statistics, _ usage: Usage, _ settings: Settings) -> Finding {
        let (path, wanted) = (settings.service.ratesFile, settings.service.ratesCapacity)
        guard statistics.capacity == wanted else {
            return .warn(
                "table",
                "\(path): made for \(statistics.capacity) entries, service.rates_capacity is \(wanted): the next worker "
                    + "that starts makes a new one, and all counts start again",
                cure: "systemctl restart postern when that is all right, or set it back")
        }
        var words = ["\(path) \(megabytes(statistics.bytes)) MiB", "\(usage.used) of \(usage.capacity) places in use"]
        if statistics.overflowDecisions > 0 {
            words.append(
                "\(statistics.overflowDecisions) requests met full places and were counted together, "
                    + "\(statistics.refusedByOverflow + statistics.refusedCrowded) were refused for it")
        }
        if statistics.marksLost > 0 {
            words.append(
                "\(statistics.marksLost) pauses, bans and wrong passwords found no place; "
                    + "\(usage.marks.used) of \(usage.marks.capacity) are taken")
        }
        guard words.count > 2 else { return .ok("table", words.joined(separator: " · ")) }
        return .warn(
            "table", words.joined(separator: " · "),
            cure: "raise service.rates_capacity, then systemctl restart postern: all counts start again")
    }

    /// With one digit behind the point.
    private static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 19)) >> 20
        return "\(tenths / 10).\(tenths % 10)"
    }
}
