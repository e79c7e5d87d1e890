return { watch = function() end, is_here = function() end, waits = function() end }
