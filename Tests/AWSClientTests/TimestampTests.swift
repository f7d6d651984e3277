import Testing

@testable import AWSClient

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2013-05-24T00:00:00Z", "20130524T000000Z"), ("1970-01-01T00:00:00Z", "19700101T000000Z"),
        ("2024-02-29T23:59:59.999Z", "20240229T235959Z"), ("2026-01-31T23:59:58+02:00", "20260131T215958Z"),
        ("1969-12-31T23:00:00-01:30", "19700101T003000Z"), ("2100-03-01T00:00:00Z", "21000301T000000Z"),
    ])
    func `reads ISO 8601`(_ text: String, _ expected: String) {
        #expect(Timestamp(iso8601: text)?.compactText == expected)
    }

    @Test(arguments: [
        "", "2013", "2013-05-24", "2013-13-24T00:00:00Z", "2013-05-24T00:00:00", "yyyy-05-24T00:00:00Z",
        "2013-05-24T00:00:00Zx",
    ])
    func `refuses what is no moment`(_ text: String) {
        #expect(Timestamp(iso8601: text) == nil)
        #expect(Timestamp(httpDate: text) == nil)
    }

    @Test func `reads HTTP dates`() {
        #expect(Timestamp(httpDate: "Sat, 31 Jan 2026 12:00:07 GMT")?.compactText == "20260131T120007Z")
        #expect(Timestamp(httpDate: "Sat, 31 Foo 2026 12:00:07 GMT") == nil)
    }

    @Test func `days and calendar agree both ways`() {
        for day in stride(from: -200_000, through: 400_000, by: 37) {
            let time = Timestamp(secondsSince1970: Double(day) * 86_400 + 3723)
            #expect(CalendarTime(time).timestamp == time)
        }
    }

    @Test(arguments: [Double.infinity, -.infinity, 1e300, -1e300])
    func `a moment without a calendar is brought to a bound`(_ seconds: Double) {
        #expect(Timestamp(secondsSince1970: seconds).compactText.count == 16)
    }
}
