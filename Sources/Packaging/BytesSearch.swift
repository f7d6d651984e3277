extension [UInt8] {
    /// Whether an ASCII text occurs.
    func holds(_ text: String) -> Bool { starts(of: text) { _ in true } }

    /// Whether a zip has an entry of this name, in ASCII.
    ///
    /// The name stands as it is behind the fixed part of the directory's record, which tells its length (APPNOTE, section
    /// 4.3.12).
    func holdsZipEntry(named name: String) -> Bool {
        starts(of: name) { start in
            guard start >= 46, self[(start - 46)..<(start - 42)].elementsEqual("PK\u{1}\u{2}".utf8) else {
                return false
            }
            return Int(self[start - 18]) | Int(self[start - 17]) << 8 == name.utf8.count
        }
    }

    /// Whether one of the places where an ASCII text begins is what is wanted.
    private func starts(of text: String, _ isWanted: (Int) -> Bool) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
        return withUnsafeBufferPointer { bytes in
            wanted.withUnsafeBufferPointer { wanted in
                (0...(bytes.count - wanted.count)).contains { start in
                    bytes[start] == first && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
                        && isWanted(start)
                }
            }
        }
    }
}
