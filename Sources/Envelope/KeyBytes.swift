import Glibc

extension [UInt8] {
    /// Overwrites a key that is not needed any more; copies of the array are not reached.
    package mutating func wipe() {
        withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        }
    }
}
