import FastCGI
import Service
import System

/// Where the worker listens: the socket that systemd hands over, else the one of the settings.
enum ListeningPlace {
    static func open(_ settings: Settings) throws(StartError) -> FileDescriptor? {
        do throws(FastCGIError) {
            if let inherited = try ListeningSocket.inherited() { return inherited }
            let service = settings.service
            guard !service.socket.isEmpty else { return nil }
            return try ListeningSocket.bind(
                path: service.socket, mode: service.socketMode,
                group: service.socketGroup.isEmpty ? nil : service.socketGroup)
        } catch {
            throw .system("\(error)")
        }
    }
}
