-- Buffers are the truth: the agent reads what the user sees, saved or not, and its edits go into the
-- buffer as one step of undo, merged with what the user typed since the agent read it.
local Events = require("thole.events")
local config = require("thole.config")
local diff = require("thole.diff")

local api, uv = vim.api, vim.uv
local M = { events = Events.new() }

local bom = "\239\187\191"
local bases = {} ---@type table<string, string> path -> the text that the agent knows
local stamps = {} ---@type table<integer, string> buffer -> its file when it was last looked at

local function real(path)
  return uv.fs_realpath(path) or vim.fs.normalize(path)
end

-- The loaded buffer of a file, if there is one.
---@param path string absolute
---@return integer?
function M.of(path)
  local wanted = real(path)
  for _, buf in ipairs(api.nvim_list_bufs()) do
    if api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == "" then
      local name = api.nvim_buf_get_name(buf)
      if name == path or (name ~= "" and real(name) == wanted) then
        return buf
      end
    end
  end
end

local ends = { unix = "\n", dos = "\r\n", mac = "\r" }

local function is_empty(buf)
  return api.nvim_buf_line_count(buf) == 1
    and api.nvim_buf_call(buf, function()
      return vim.fn.line2byte(1) == -1
    end)
end

-- The bytes that the buffer stands for.
---@param buf integer
---@return string
function M.text(buf)
  if is_empty(buf) then
    return ""
  end
  local stop = ends[vim.bo[buf].fileformat]
  local text = table.concat(api.nvim_buf_get_lines(buf, 0, -1, false), stop)
  if vim.bo[buf].endofline then
    text = text .. stop
  end
  return (vim.bo[buf].bomb and bom or "") .. text
end

-- Ends the step of undo that is open, also in the middle of an insertion.
local function part_undo(buf)
  api.nvim_buf_call(buf, function()
    vim.cmd("let &g:undolevels = &g:undolevels")
  end)
end

-- How the buffer must be set so that it stands for exactly `text`.
local function form_of(buf, text)
  local has_bom = text:sub(1, 3) == bom
  local body = has_bom and text:sub(4) or text
  local format = vim.bo[buf].fileformat
  local _, lf = body:gsub("\n", "")
  local _, crlf = body:gsub("\r\n", "")
  local is_dos = lf > 0 and crlf == lf and (format == "dos" or is_empty(buf))
  if format ~= "mac" then
    format = (is_dos or (format == "dos" and lf == 0)) and "dos" or "unix"
  end
  local stop = ends[format]
  local has_end = body:sub(-#stop) == stop
  local inner = has_end and body:sub(1, -#stop - 1) or body
  local lines = vim.split(inner, stop, { plain = true })
  return { lines = lines, format = format, has_end = has_end or body == "", bom = has_bom }
end

-- Makes these the lines of the buffer; those that are the same are not touched.
---@param buf integer
---@param wanted string[]
function M.put_lines(buf, wanted)
  local now = api.nvim_buf_get_lines(buf, 0, -1, false)
  local old, new = table.concat(now, "\n") .. "\n", table.concat(wanted, "\n") .. "\n"
  local hunks = diff.hunks(old, new)
  for i = #hunks, 1, -1 do
    local hunk = hunks[i]
    local lines = vim.list_slice(wanted, hunk.to, hunk.to + hunk.size - 1)
    api.nvim_buf_set_lines(buf, hunk.from - 1, hunk.from - 1 + hunk.count, true, lines)
  end
end

-- Makes the buffer stand for `text`: one step of undo, only the lines that differ, so that cursors
-- and marks stay where they are.
---@param buf integer
---@param text string
function M.put(buf, text)
  if M.text(buf) == text then
    return
  end
  local form, settings = form_of(buf, text), vim.bo[buf]
  local modifiable, readonly = settings.modifiable, settings.readonly
  part_undo(buf)
  settings.modifiable, settings.readonly = true, false
  M.put_lines(buf, form.lines)
  settings.modifiable, settings.readonly = modifiable, readonly
  for name, value in pairs({
    fileformat = form.format,
    bomb = form.bom,
    endofline = form.has_end,
  }) do
    if settings[name] ~= value then
      settings[name] = value
    end
  end
  if not form.has_end then
    settings.fixendofline = false
  end
  part_undo(buf)
end

---@param path string
---@return string? text nil: no such file
function M.disk(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

local function stamp_of(path)
  local stat = uv.fs_stat(path)
  if not stat then
    return "gone"
  end
  return ("%d.%d/%d/%d"):format(stat.mtime.sec, stat.mtime.nsec, stat.size, stat.ino)
end

-- Writes a buffer for the agent: nothing that reformats on writing is run, but who wants to know that
-- a file was written is told.
local function save(buf)
  local fine, fault = pcall(api.nvim_buf_call, buf, function()
    vim.cmd("silent keepalt lockmarks noautocmd write!")
  end)
  if not fine then
    return fault
  end
  stamps[buf] = stamp_of(api.nvim_buf_get_name(buf))
  api.nvim_exec_autocmds("BufWritePost", { buffer = buf, modeline = false })
end

-- Beside the file and then in its place, so that a crash leaves one or the other.
---@param path string
---@param text string
---@return string? fault
function M.write_file(path, text)
  local target = uv.fs_realpath(path) or path
  local stat = uv.fs_stat(target)
  local aside = ("%s.thole-%d"):format(target, uv.os_getpid())
  local is_linked = stat and stat.nlink > 1
  local place = is_linked and target or aside
  local file, fault = io.open(place, "wb")
  if not file then
    return fault
  end
  local written, why = file:write(text)
  local closed, fault_at_end = file:close()
  if not written or not closed then
    if not is_linked then
      uv.fs_unlink(aside)
    end
    return why or fault_at_end
  end
  if is_linked then
    return nil
  end
  if stat then
    uv.fs_chmod(aside, stat.mode % 4096)
  end
  local moved, problem = uv.fs_rename(aside, target)
  if not moved then
    uv.fs_unlink(aside)
  end
  return not moved and problem or nil
end

local function is_text(text)
  return not text:find("[\128-\255]") or pcall(vim.fn.json_encode, text)
end

-- A clean buffer whose file changed behind it takes the file's text first.
local function refresh(buf)
  local path = api.nvim_buf_get_name(buf)
  if vim.bo[buf].modified or stamps[buf] == stamp_of(path) then
    return
  end
  local autoread = vim.bo[buf].autoread
  vim.bo[buf].autoread = true
  pcall(vim.cmd, "silent! checktime " .. buf)
  if api.nvim_buf_is_valid(buf) then
    vim.bo[buf].autoread = autoread
    stamps[buf] = stamp_of(path)
  end
end

-- fs/read_text_file: buffers only; the server reads the disk itself.
---@param params { path: string, line?: integer, limit?: integer }
---@param answer thole.Answer
function M.serve_read(params, answer)
  local buf = M.of(params.path)
  local text
  if buf then
    refresh(buf)
    text = M.text(buf)
  end
  if not text or not is_text(text) then
    local why = text and "the buffer is not UTF-8" or "no buffer of this file"
    return answer(nil, { code = -32002, message = ("%s: %s"):format(params.path, why) })
  end
  bases[real(params.path)] = text
  if params.line or params.limit then
    local lines, from = diff.lines(text), params.line or 1
    text = table.concat(vim.list_slice(lines, from, from + (params.limit or #lines) - 1))
  end
  answer({ content = text })
end

local function should_save(was_modified)
  local when = config.get().edits.save
  return when == "always" or (when == "clean" and not was_modified)
end

-- What the agent took the text to be before it changed it.
local function base_of(path, buf)
  local known = bases[real(path)]
  if known then
    return known
  end
  return vim.bo[buf].modified and (M.disk(path) or "") or M.text(buf)
end

-- The same for the user's own decisions: a buffer without unsaved changes has none afterwards.
---@param buf integer
---@param text string
function M.put_and_save(buf, text)
  local was_modified = vim.bo[buf].modified
  M.put(buf, text)
  if should_save(was_modified) then
    local fault = save(buf)
    if fault then
      vim.notify("thole: " .. fault, vim.log.levels.ERROR)
    end
  end
end

local function write_buffer(buf, params)
  refresh(buf)
  local was_modified = vim.bo[buf].modified
  local base, mine = base_of(params.path, buf), M.text(buf)
  local merged, conflicts = diff.merge(base, mine, params.content)
  M.put(buf, merged)
  bases[real(params.path)] = params.content
  local fault = should_save(was_modified) and save(buf) or nil
  return fault, { base = base, text = merged, conflicts = conflicts }
end

local function write_disk(params)
  local base = M.disk(params.path)
  local fault = M.write_file(params.path, params.content)
  return fault, { base = base, text = params.content, conflicts = {} }
end

-- What became of a write, for a server that wants to tell the agent.
local function outcome(edit)
  local conflicts = vim.tbl_map(function(conflict)
    local last = conflict.line + math.max(#conflict.ours, 1) - 1
    return { startLine = conflict.line, endLine = last }
  end, edit.conflicts)
  if #conflicts == 0 then
    return vim.empty_dict()
  end
  return { _meta = { thole = { content = edit.text, conflicts = conflicts } } }
end

-- fs/write_text_file.
---@param params { sessionId: string, path: string, content: string }
---@param answer thole.Answer
function M.serve_write(params, answer)
  local buf = M.of(params.path)
  local fault, edit
  if buf then
    fault, edit = write_buffer(buf, params)
  else
    fault, edit = write_disk(params)
  end
  if fault then
    return answer(nil, { code = -32603, message = tostring(fault) })
  end
  edit.session, edit.path, edit.content = params.sessionId, params.path, params.content
  M.events:emit("edited", edit)
  Events.announce("Edit", {
    session = params.sessionId,
    path = params.path,
    buf = buf,
    conflicts = #edit.conflicts,
  })
  answer(outcome(edit))
end

local function file_buffers()
  return vim.tbl_filter(function(buf)
    return api.nvim_buf_is_loaded(buf)
      and vim.bo[buf].buftype == ""
      and api.nvim_buf_get_name(buf) ~= ""
  end, api.nvim_list_bufs())
end

-- How the files of all buffers are now, and after each time that Neovim read or wrote one.
local function keep_stamps()
  for _, buf in ipairs(file_buffers()) do
    stamps[buf] = stamp_of(api.nvim_buf_get_name(buf))
  end
  api.nvim_create_autocmd({ "BufReadPost", "BufWritePost", "FileChangedShellPost" }, {
    group = api.nvim_create_augroup("thole.buffers", {}),
    callback = function(given)
      stamps[given.buf] = stamp_of(api.nvim_buf_get_name(given.buf))
    end,
  })
end

local flags = api.nvim_create_namespace("thole.flags")

local function flag(buf, text)
  api.nvim_buf_clear_namespace(buf, flags, 0, -1)
  api.nvim_buf_set_extmark(buf, flags, 0, 0, {
    virt_text = { { " " .. text .. " ", "TholeFlag" } },
    virt_text_pos = "right_align",
    sign_text = "!",
    sign_hl_group = "TholeFlag",
  })
  api.nvim_create_autocmd({ "BufWritePost", "BufReadPost" }, {
    buffer = buf,
    once = true,
    callback = function()
      api.nvim_buf_clear_namespace(buf, flags, 0, -1)
    end,
  })
  Events.announce("FileChanged", { buf = buf, path = api.nvim_buf_get_name(buf) })
end

-- After a command ran: buffers without changes take what it wrote, the others are flagged.
function M.check_disk()
  for _, buf in ipairs(file_buffers()) do
    local path = api.nvim_buf_get_name(buf)
    local now = stamp_of(path)
    if stamps[buf] and stamps[buf] ~= now then
      if now == "gone" then
        flag(buf, "deleted on disk; :write brings it back")
      elseif vim.bo[buf].modified then
        flag(buf, "changed on disk by a command; your text is unsaved")
      else
        refresh(buf)
      end
    end
    stamps[buf] = now
  end
end

-- Keeps buffers and disk together while a session works.
---@param session thole.Session
function M.watch(session)
  session:on("call_ended", function(call)
    if call.effect ~= "read" and not session.is_loading then
      M.check_disk()
    end
  end)
end

keep_stamps()

return M
