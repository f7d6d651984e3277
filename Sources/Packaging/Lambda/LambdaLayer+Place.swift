import Archiving

extension LambdaLayer {
    /// A selection with its files where the runtime looks for them.
    ///
    /// A directory that already has that shape is left as it is.
    func place(_ selection: Selection, runtime: LambdaRuntime?) -> Selection {
        if selection.lies(below: rawValue) { return selection }
        return selection.placed(below: directory(of: selection, runtime))
    }

    private func directory(of selection: Selection, _ runtime: LambdaRuntime?) -> String {
        switch self {
        case .python, .bin, .lib: return rawValue
        case .java: return "java/lib"
        case .nodejs:
            // A project has its modules in node_modules; otherwise the directory is one of modules.
            return selection.contains(directory: "node_modules") ? "nodejs" : "nodejs/node_modules"
        case .ruby:
            if selection.contains(directory: "gems"), selection.contains(directory: "specifications") {
                return "ruby/gems/\(runtime?.version ?? "3.4").0"
            }
            return "ruby/lib"
        }
    }
}

extension Selection {
    /// Whether everything lies in one directory.
    fileprivate func lies(below directory: String) -> Bool {
        let prefix = Array(directory.utf8) + [UInt8(ascii: "/")]
        // Names are sorted, so the first and the last tell of all.
        return [files.first, files.last].allSatisfy { $0?.name.bytes.starts(with: prefix) ?? false }
    }

    fileprivate func contains(directory: String) -> Bool {
        let prefix = Array(directory.utf8) + [UInt8(ascii: "/")]
        return files.contains { $0.name.bytes.starts(with: prefix) }
    }
}
