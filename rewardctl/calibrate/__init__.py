"""A judge against labels of people: the agreement of their answers, its uncertainty, and a gate on it.

Records of runs become ``answers``, labels become ``truth``; ``cases`` joins them, ``measure`` computes the
figures of ``stats``, ``calibration`` puts everything together, and ``show`` and ``saved`` give it out.
"""
