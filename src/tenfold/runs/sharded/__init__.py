"""Millions of images predicted: the source is cut into shards, and each shard has one file of answers.

The files are the truth. A shard's file is there completely or not at all, and existing files are not
computed again. So the processes that compute them, on one machine or on many, may end at any moment.
"""
