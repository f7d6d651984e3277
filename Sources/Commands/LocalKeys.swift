import Envelope
import Glibc
import SystemPackage

/// Keys in files: the one that was named, or the user's own.
enum LocalKeys {
    /// `$XDG_CONFIG_HOME/buildspec/local.key`, else `~/.config/buildspec/local.key`: outside of every source, so that
    /// it never travels with what it protects.
    static func defaultPath(_ environment: RunnerEnvironment) throws(CommandFailure) -> FilePath {
        if let configuration = environment.variables["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
            return FilePath(configuration).appending("buildspec").appending("local.key")
        }
        guard let home = environment.variables["HOME"], home.hasPrefix("/") else {
            throw CommandFailure(
                .usage, "no place for the local key: neither XDG_CONFIG_HOME nor HOME is set",
                hint: "give --encryption-key local:FILE")
        }
        return FilePath(home).appending(".config").appending("buildspec").appending("local.key")
    }

    /// The user's own key to seal with, made when it is first needed.
    /// - Throws: ``CommandFailure`` when it cannot be used.
    static func own(_ environment: RunnerEnvironment) throws(CommandFailure) -> RawAESKeyring {
        let path = try defaultPath(environment)
        if access(path.string, F_OK) == 0 { return try load(path) }
        do throws(EnvelopeError) {
            let keyring = try LocalKeyFile.create(at: path)
            Console.note("made a new local key: \(path)")
            return keyring
        } catch {
            // Another runner may have made it a moment ago.
            guard access(path.string, F_OK) == 0 else {
                throw CommandFailure(.runner, error.description, hint: error.hint)
            }
            return try load(path)
        }
    }

    /// A key that must exist.
    /// - Throws: ``CommandFailure`` when there is none, or it cannot be used.
    static func load(_ path: FilePath) throws(CommandFailure) -> RawAESKeyring {
        guard access(path.string, F_OK) == 0 else {
            throw .usage(
                "key file \(path): \(Errno(rawValue: errno).description)",
                hint: "make one with: (umask 077; openssl rand 32 > \(path.lastComponent?.string ?? "key"))")
        }
        if LocalKeyFile.isReadableByOthers(path) {
            Console.warning("key file \(path): other users can read it (chmod 600 makes it yours alone)")
        }
        do throws(EnvelopeError) {
            return try LocalKeyFile.load(at: path)
        } catch {
            throw .usage(error.description, hint: error.hint)
        }
    }
}
