"""Learning: what a module judged is kept until it is known what became of it; then its curators and lessons learn."""

from tradingops.modules.learning.ending import COUNTERFACTUAL, Learned, conclude, conclude_counterfactual, outcomes_of
from tradingops.modules.learning.judgement import Judgement, Use, compact
from tradingops.modules.learning.memory import Learning, amended, applied, forgotten, keep, load, seated, start
from tradingops.modules.learning.outside import OF_LESSONS, VERDICT, WORDS, take
from tradingops.modules.learning.words import CHANGE, COLUMN, SCORES, Learner

__all__ = (
    "CHANGE",
    "COLUMN",
    "COUNTERFACTUAL",
    "OF_LESSONS",
    "SCORES",
    "VERDICT",
    "WORDS",
    "Judgement",
    "Learned",
    "Learner",
    "Learning",
    "Use",
    "amended",
    "applied",
    "compact",
    "conclude",
    "conclude_counterfactual",
    "forgotten",
    "keep",
    "load",
    "outcomes_of",
    "seated",
    "start",
    "take",
)
