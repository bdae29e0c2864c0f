"""Whether images lead back to their commits: builds of generated histories, judged one by one."""
