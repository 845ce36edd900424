import System
import Testing

@Suite struct FilesTests {
    private func folder(_ name: String) throws -> String {
        let path = "/tmp/postern-files-\(Environment.processID)-\(name)"
        try Files.makeDirectory(path, mode: 0o700)
        return path
    }

    @Test("A replaced file has the new content and the wanted mode, and leaves nothing beside it")
    func replace() throws {
        let folder = try folder("replace")
        let path = folder + "/file"
        try Files.replace(path, with: Array("one".utf8), mode: 0o640)
        try Files.replace(path, with: Array("two".utf8), mode: 0o600)
        #expect(try Files.read(path, limit: 10) == Array("two".utf8))
        #expect(try FileStatus.of(path).mode == 0o600)
        #expect(try Files.list(folder) == ["file"])
        try Files.remove(path)
    }

    @Test("A file over the limit, a folder and a missing file are errors that name the path")
    func refused() throws {
        let folder = try folder("refused")
        let path = folder + "/file"
        try Files.replace(path, with: [1, 2, 3, 4], mode: 0o600)
        #expect(try Files.read(path, limit: 4).count == 4)
        #expect(throws: SystemError.self) { try Files.read(path, limit: 3) }
        let notFile = #expect(throws: SystemError.self) { try Files.read(folder, limit: 3) }
        #expect(notFile?.reason == "is not a regular file")
        let missing = #expect(throws: SystemError.self) { try Files.read(folder + "/none", limit: 3) }
        #expect(missing?.isNotFound == true)
        #expect(missing?.description.contains(folder + "/none") == true)
        try Files.remove(path)
    }

    @Test("Replacing in a folder that is not there fails and names it")
    func noFolder() throws {
        #expect(throws: SystemError.self) { try Files.replace("/nowhere/file", with: [], mode: 0o600) }
    }

    @Test("Permissions are shown the way chmod and ls speak")
    func permissions() throws {
        let path = try folder("permissions") + "/file"
        try Files.replace(path, with: [], mode: 0o640)
        let user = SystemUser.current()
        #expect(try FileStatus.of(path).permissions.hasPrefix("0640 \(user.name):"))
        try Files.remove(path)
    }
}
