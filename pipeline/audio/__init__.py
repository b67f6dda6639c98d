"""Sound as streams of blocks: measuring, pauses, splicing, limiting, encoding.

Sample positions live here, and in the stages that cut and render.
"""
