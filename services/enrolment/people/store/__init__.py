"""SQL of people: holding and writing them, publishing them, and taking out what names those who were erased."""

from enrolment.people.store.holding import Held, hold, merged, published, records_of
from enrolment.people.store.publishing import PeopleLane
from enrolment.people.store.scrubbing import Traces, scrub, traces, words_for

__all__ = ["Held", "PeopleLane", "Traces", "hold", "merged", "published", "records_of", "scrub", "traces", "words_for"]
