import Crypto
import Glibc
package import SystemPackage

extension LocalKeyFile {
    /// Makes a new key and writes it as 64 hexadecimal digits with mode 0600.
    ///
    /// Missing directories are made with mode 0700. The file appears complete or not at all.
    /// - Throws: ``EnvelopeError/Code/invalidKeyFile`` when something has that name already: it is never overwritten;
    ///   ``EnvelopeError/Code/inputOutput`` when the file cannot be written.
    package static func create(at path: FilePath) throws(EnvelopeError) -> RawAESKeyring {
        let key = SymmetricKey(size: .bits256)
        try makeDirectory(path.removingLastComponent())
        let output = try PrivateOutput(for: path)
        do {
            var bytes = key.withUnsafeBytes { Array($0) }
            defer { bytes.wipe() }
            var text = Array((hexadecimal(bytes) + "\n").utf8)
            defer { text.wipe() }
            try output.descriptor.writeAll(text)
        } catch {
            output.discard()
            throw EnvelopeError.inputOutput("cannot write the key file", error).about(path)
        }
        do {
            try output.commitAsNew(permissions: .ownerReadWrite)
        } catch {
            guard error.underlying as? Errno == .fileExists else { throw error }
            throw EnvelopeError(
                .invalidKeyFile, "it exists already and is never overwritten", path: path,
                hint: "use the key that is there, or choose another name")
        }
        return try keyring(for: key)
    }

    private static func makeDirectory(_ path: FilePath) throws(EnvelopeError) {
        var made = FilePath(root: path.root, [])
        for component in path.components {
            made.append(component)
            guard mkdir(made.string, 0o700) != 0 else { continue }
            let error = Errno(rawValue: errno)
            // Whether it is a directory at all shows when the file is made in it.
            guard error == .fileExists || error == .isDirectory || access(made.string, F_OK) == 0 else {
                throw EnvelopeError.inputOutput("cannot make the directory", error).about(made)
            }
        }
    }
}
