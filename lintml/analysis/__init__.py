"""From trees to facts: what a page means, each question answered once and only when it is asked."""
