-- For wrk: each connection rests between its requests, 20 ms in the mean, so that the machine is not saturated and the
-- latency tells how long an answer takes, not how many wait for one. Prints the figures as report.lua does.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
dofile(folder .. "report.lua")

function delay()
    return math.random(5, 35)
end
