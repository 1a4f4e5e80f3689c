-- The seats of one class of one run, as choosing needs them: by gap. A seat's gap around a way is its widest free stretch there;
-- for every stretch that some seat has, there is the set of seats that have exactly this one. So the best fit for a way is the
-- lowest seat of the shortest stretch around it, and nothing else is looked at.
--
-- A seat that is withdrawn from sale has no gap, so nothing finds it; its mask says where somebody holds it, as any other's.

local function gapKey(first, last)
  return first * 256 + last
end

local function addToGap(stock, first, last, seat)
  local key, word = gapKey(first, last), wordOf(seat)
  local set = stock.gaps[key]
  if not set then
    set = { count = 0, low = word, words = {} }
    stock.gaps[key] = set
  end
  set.count = set.count + 1
  set.words[word] = bor(set.words[word] or 0, bitOf(seat))
  if word < set.low then
    set.low = word
  end
end

local function dropFromGap(stock, first, last, seat)
  local key, word = gapKey(first, last), wordOf(seat)
  local set = stock.gaps[key]
  set.count = set.count - 1
  if set.count == 0 then
    stock.gaps[key] = nil
    return
  end
  local bits = bxor(set.words[word], bitOf(seat))
  set.words[word] = bits ~= 0 and bits or nil
end

-- What becomes of a mask that is taken over a way, and the gap it had there: few masks and ways differ, so each is worked out
-- once and remembered, as long as they are not too many. Runs with as many segments share it.

local stepsMax = 50000
local stepsOf, stepCount = {}, 0

local function stepOf(mask, from, to, segments)
  if stepCount >= stepsMax then
    stepsOf, stepCount = {}, 0
  end
  local way = (segments * 256 + from) * 256 + to
  local steps = stepsOf[way]
  if not steps then
    steps = {}
    stepsOf[way] = steps
  end
  local step = steps[mask]
  if not step then
    step = { taken = withTaken(mask, from, to), first = gapStart(mask, from), last = gapEnd(mask, to, segments) }
    steps[mask] = step
    stepCount = stepCount + 1
  end
  return step
end

-- Every stretch of free segments of a seat with this mask, one after the other.
local function eachGap(mask, segments, call)
  local first = 0
  while first < segments do
    local last = gapEnd(mask, first, segments)
    if last > first then
      call(first, last)
    end
    first = last + 1
  end
end

-- The class as the ledger has it. `taken` is the ledger of the run, which may end early: what follows was never sold.
local function openStock(plan, class, taken)
  local layout, maskBytes, segments = plan.layouts[class], plan.maskBytes, plan.segments
  local stock = { layout = layout, segments = segments, noMask = plan.noMask, masks = {}, gaps = {}, withdrawn = {} }
  local free = { count = layout.seatCount, low = 1, words = {} }
  for word, bits in ipairs(layout.masks["."]) do
    free.words[word] = bits
  end
  stock.gaps[gapKey(0, segments)] = free

  local base = plan.firstSeat[class] * maskBytes
  local stop = math.min(#taken, base + layout.seatCount * maskBytes)
  local at = string.find(taken, "[^%z]", base + 1)
  while at and at <= stop do
    local seat = math.floor((at - 1 - base) / maskBytes)
    local start = base + seat * maskBytes
    local mask = sub(taken, start + 1, start + maskBytes)
    stock.masks[seat] = mask
    dropFromGap(stock, 0, segments, seat)
    eachGap(mask, segments, function(first, last)
      addToGap(stock, first, last, seat)
    end)
    at = string.find(taken, "[^%z]", start + maskBytes + 1)
  end
  return stock
end

-- Withdraws the seats that the text lists, and puts any others that were withdrawn on sale again.
local function setWithdrawn(stock, text)
  if text == stock.withdrawnText then
    return
  end
  local wanted, known, changeGap = {}, stock.withdrawn, nil
  for seat in string.gmatch(text or "", "%d+") do
    wanted[tonumber(seat)] = true
  end
  local function change(seat)
    eachGap(stock.masks[seat] or stock.noMask, stock.segments, function(first, last)
      changeGap(stock, first, last, seat)
    end)
  end
  changeGap = addToGap
  for seat in pairs(known) do
    if not wanted[seat] then
      change(seat)
    end
  end
  changeGap = dropFromGap
  for seat in pairs(wanted) do
    if not known[seat] then
      change(seat)
    end
  end
  stock.withdrawn, stock.withdrawnText = wanted, text
end

-- Whether nobody holds the seat, withdrawn or not.
local function isFree(stock, seat, from, to)
  local mask = stock.masks[seat]
  return not mask or not isTakenOverAny(mask, from, to)
end

-- The seat must be free from stop to stop.
local function takeSeat(stock, seat, from, to)
  local step = stepOf(stock.masks[seat] or stock.noMask, from, to, stock.segments)
  local first, last = step.first, step.last
  stock.masks[seat] = step.taken
  if stock.withdrawn[seat] then
    return
  end
  dropFromGap(stock, first, last, seat)
  if first < from then
    addToGap(stock, first, from, seat)
  end
  if to < last then
    addToGap(stock, to, last, seat)
  end
end

-- The seat must be taken from stop to stop.
local function giveSeat(stock, seat, from, to)
  local segments = stock.segments
  local mask = withGivenBack(stock.masks[seat], from, to)
  local first, last = gapStart(mask, from), gapEnd(mask, to, segments)
  stock.masks[seat] = mask ~= stock.noMask and mask or nil
  if stock.withdrawn[seat] then
    return
  end
  if first < from then
    dropFromGap(stock, first, from, seat)
  end
  if to < last then
    dropFromGap(stock, to, last, seat)
  end
  addToGap(stock, first, last, seat)
end

-- Free seats over the way, counted no further than `enough`.
local function countFree(stock, from, to, enough)
  local gaps, count = stock.gaps, 0
  for first = 0, from do
    local row = first * 256
    for last = to, stock.segments do
      local set = gaps[row + last]
      if set then
        count = count + set.count
        if count >= enough then
          return count
        end
      end
    end
  end
  return count
end

-- Free seats over every way that has some, by `gapKey` of the way: for who asks about many.
local function freeTable(stock)
  local gaps, segments, free, before = stock.gaps, stock.segments, {}, {}
  for from = 0, segments - 1 do
    local row, beginHere = {}, 0
    for to = segments, from + 1, -1 do
      local set = gaps[from * 256 + to]
      if set then
        beginHere = beginHere + set.count
      end
      row[to] = beginHere + (before[to] or 0)
      if row[to] > 0 then
        free[from * 256 + to] = row[to]
      end
    end
    before = row
  end
  return free
end

-- Calls with the length of each gap around the way and the seats that have it, shortest gaps first, until told to stop.
local function eachSetAround(stock, from, to, call)
  local gaps, segments = stock.gaps, stock.segments
  for length = to - from, segments do
    for first = math.max(0, to - length), math.min(from, segments - length) do
      local set = gaps[gapKey(first, first + length)]
      if set and call(length, set) then
        return
      end
    end
  end
end
