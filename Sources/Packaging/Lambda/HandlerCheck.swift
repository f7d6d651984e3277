import Archiving

/// Looks for a handler in a package, as far as names and texts tell (Lambda's guide, "Define Lambda function
/// handler", of each runtime).
struct HandlerCheck {
    let handler: String
    let runtime: LambdaRuntime?
    let selection: Selection

    /// What is wrong; nil when the handler is there.
    ///
    /// - Throws: `unreadable`, `changedWhileReading`.
    func problem() throws(ArchivingError) -> String? {
        // A layer's files lie there, as those of tools that wrap handlers.
        if handler.hasPrefix("/opt/") { return nil }
        switch runtime?.family {
        case .python: return try script(PythonHandler(handler))
        case .nodejs: return try script(NodeHandler(handler))
        case .ruby: return try script(RubyHandler(handler))
        case .java: return try java()
        case .dotnet: return dotnet()
        // Go's own runtime started the program that the handler names.
        case .provided: return try bootstrap(runtime?.version == "go1.x" ? handler : "bootstrap")
        case nil: return try guess()
        }
    }

    /// Without a runtime the files say which it can be.
    private func guess() throws(ArchivingError) -> String? {
        if handler == "bootstrap" { return try bootstrap(handler) }
        if handler.contains("::") {
            return has(handler.split(separator: ":").first.map { "\($0).dll" } ?? "") ? nil : try java()
        }
        let languages: [(any ScriptHandler)?] = [
            PythonHandler(handler), NodeHandler(handler), RubyHandler(handler),
        ]
        var first: String?
        for case let language? in languages
        where language.files.contains(where: has) || hasCompiled(language) {
            guard let problem = try script(language) else { return nil }
            first = first ?? problem
        }
        if let first { return first }
        return "no file of that name is in the package for any runtime; --runtime tells which it is"
    }

    private func script(_ language: (any ScriptHandler)?) throws(ArchivingError) -> String? {
        guard let language else { return "it is to be written file.function" }
        guard let file = language.files.first(where: has) else {
            if hasCompiled(language) { return nil }
            return "none of \(language.files.joined(separator: ", ")) is in the package"
        }
        guard case .file(let found) = selection.lead(EntryName(file)), !language.isOpaque(file) else {
            return nil
        }
        let text = String(decoding: try selection.content(of: found, limit: 32 << 20), as: UTF8.self)
        return language.problem(in: text).map { "\(file) \($0)" }
    }

    private func java() throws(ArchivingError) -> String? {
        let name = handler.split(separator: ":", omittingEmptySubsequences: true).first.map(String.init) ?? ""
        guard !name.isEmpty, !name.contains("/") else { return "it is to be written package.Class::method" }
        let path = name.replacing(".", with: "/") + ".class"
        if has(path) { return nil }
        var elsewhere: EntryName?
        for file in selection.files where file.name.bytes.suffix(4).elementsEqual(".jar".utf8) {
            let jar: SelectedFile
            switch selection.lead(file.name) {
            case .file(let found): jar = found
            case .elsewhere: return nil
            case .directory, nil: continue
            }
            guard try selection.content(of: jar, limit: 256 << 20).holdsZipEntry(named: path) else {
                continue
            }
            // The class path of the runtime: the package, and the jars of lib.
            let parts = file.name.bytes.split(separator: UInt8(ascii: "/"))
            if parts.count == 2, parts[0].elementsEqual("lib".utf8) { return nil }
            elsewhere = file.name
        }
        if let elsewhere { return "\(path) is in \(elsewhere), and Java looks into the jars of lib alone" }
        return "\(path) is neither in the package nor in one of its jars"
    }

    private func dotnet() -> String? {
        let parts = handler.split(separator: "::", omittingEmptySubsequences: true)
        // A program instead of a library has its own entry point.
        guard let assembly = parts.first, parts.count == 1 || parts.count == 3 else {
            return "it is to be written Assembly::Namespace.Class::Method"
        }
        if has("\(assembly).dll") || (parts.count == 1 && (has("bootstrap") || has(String(assembly)))) {
            return nil
        }
        return "\(assembly).dll is not in the package"
    }

    /// What is wrong with the program that the runtime starts.
    private func bootstrap(_ name: String) throws(ArchivingError) -> String? {
        let file: SelectedFile
        switch selection.lead(EntryName(name)) {
        case .file(let found): file = found
        case .elsewhere: return nil
        case .directory, nil: return "the runtime starts \(name), which is not at the top of the package"
        }
        guard try selection.isExecutable(file) else {
            return "\(name) is not executable (chmod +x \(name))"
        }
        let head = try selection.content(of: file, limit: 256)
        if head.starts(with: "#!".utf8),
            head.prefix(while: { $0 != UInt8(ascii: "\n") }).last == UInt8(ascii: "\r")
        {
            return
                "the first line of \(name) ends as on Windows, and no program has that name (dos2unix \(name))"
        }
        if NativeCode(head: head) != nil || head.starts(with: "#!".utf8) { return nil }
        return "\(name) is neither a program of Linux nor a script that begins with #!"
    }

    private func hasCompiled(_ language: any ScriptHandler) -> Bool {
        guard let (start, end) = language.compiled else { return false }
        return selection.files.contains { file in
            let name = file.name.bytes
            return name.starts(with: start.utf8) && name.count > start.utf8.count
                && name.suffix(end.utf8.count).elementsEqual(end.utf8)
                && !name.dropFirst(start.utf8.count).contains(UInt8(ascii: "/"))
        }
    }

    private func has(_ name: String) -> Bool {
        switch selection.lead(EntryName(name)) {
        case .file, .elsewhere: true
        case .directory, nil: false
        }
    }
}
