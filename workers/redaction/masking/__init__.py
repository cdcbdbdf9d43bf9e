"""What is done to one picture or page, step by step: looks, masks, the copy. A kind of medium conducts."""
