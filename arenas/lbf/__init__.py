"""Level-based foraging (Albrecht and Ramamoorthy 2013; Papoudakis et al. 2021, arXiv 2006.07869) in lbforaging's implementation."""
