-- How long a test waits for a thing at most, in ms; a slow machine may have more.
return tonumber(vim.env.THOLE_TEST_DEADLINE_MS or "60000")
