#!/usr/bin/env python3
"""A plan of faults is made by its seed alone, has all kinds, and leaves one node alone."""
import unittest

from faults import OF_NAMESPACE, OF_PROXY, OF_STORE, DECK, plan

ANY = set(DECK) - set(OF_STORE + OF_PROXY + OF_NAMESPACE)
PLACES = {"a": ANY, "b": ANY | set(OF_PROXY), "c": ANY | set(OF_NAMESPACE)}


def plan_of(seed):
    return plan(seed, 300, 2, list(DECK), PLACES)


class APlan(unittest.TestCase):
    def test_is_that_of_its_seed(self):
        self.assertEqual(plan_of(7), plan_of(7))
        self.assertNotEqual(plan_of(7), plan_of(8))

    def test_has_each_kind_where_it_can_be(self):
        for seed in range(20):
            self.assertEqual({one.kind for one in plan_of(seed)}, set(DECK))
            for one in plan_of(seed):
                where = OF_STORE if one.of == "store" else PLACES[one.of]
                self.assertIn(one.kind, where)

    def test_leaves_one_node_alone_and_does_one_thing_at_a_time_to_each(self):
        for seed in range(20):
            faults = plan_of(seed)
            for one in faults:
                at_once = {other.of for other in faults if other.of != "store"
                           and other.at <= one.at <= other.at + other.lasts}
                self.assertLess(len(at_once), len(PLACES))
                self.assertEqual(1, sum(1 for other in faults if other.of == one.of
                                        and other.at <= one.at <= other.at + other.lasts))

    def test_is_over_in_time(self):
        for seed in range(20):
            self.assertTrue(all(2 <= one.at and one.at + one.lasts <= 300
                                for one in plan_of(seed)))


if __name__ == "__main__":
    unittest.main()
