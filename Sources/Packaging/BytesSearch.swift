extension [UInt8] {
    /// Whether an ASCII text occurs.
    func holds(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
        return withUnsafeBufferPointer { bytes in
            wanted.withUnsafeBufferPointer { wanted in
                (0...(bytes.count - wanted.count)).contains { start in
                    bytes[start] == first && wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
                }
            }
        }
    }
}
