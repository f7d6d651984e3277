import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))

import app


class GreetingTest(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(app.greeting("Ada"), "Hello, Ada!")

    def test_greets_people_without_a_name(self):
        self.assertEqual(app.greeting("  "), "Hello, friend!")

    def test_answers_a_request(self):
        answer = app.handler({"queryStringParameters": {"name": "Grace"}}, None)
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(json.loads(answer["body"]), {"message": "Hello, Grace!"})


if __name__ == "__main__":
    unittest.main()
