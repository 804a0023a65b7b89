"""议题: immutable text versions, endorsements and opinions bound to the text they were given to."""
