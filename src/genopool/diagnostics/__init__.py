"""Can the input, and the pooled result, be believed?"""
