/// How many bytes one archive may become.
struct UnpackBudget {
    let limits: UnpackLimits
    /// Bytes of the file itself.
    let archiveSize: Int64

    /// Refuses more bytes than an archive of this size may become.
    ///
    /// - Parameters:
    ///   - before: bytes that have been counted already.
    ///   - length: bytes that come on top of them; less than none counts as none.
    ///   - shown: the entry that a refusal names.
    /// - Throws: `unsafeArchive`.
    func check(_ before: Int64, adding length: Int64 = 0, _ shown: String) throws(ArchivingError) {
        let (total, overflow) = before.addingReportingOverflow(max(0, length))
        guard !overflow, total <= limits.bytes else {
            throw ArchivingError(.unsafeArchive, shown, "the contents have more than \(limits.bytes) bytes")
        }
        guard total > limits.ratioFloor else { return }
        guard total / max(1, limits.ratio) <= archiveSize else {
            throw ArchivingError(
                .unsafeArchive, shown,
                "the contents are more than \(limits.ratio) times as large as the archive")
        }
    }
}
