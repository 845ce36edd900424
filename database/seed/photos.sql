-- Example data for the photo routes: not a migration, run by the quickstart and the tests only.
--
--   { echo "SET @email = 'anna@example.com';"; cat database/seed/photos.sql; } | mariadb postern
--
-- Gives that user six photos and videos, four of them public. A second run changes nothing.
INSERT IGNORE INTO photos (id, user_id, kind, title, content_type, bytes, is_public, created_at)
SELECT example.id, users.id, example.kind, example.title, example.content_type, example.bytes, example.is_public,
    example.created_at
FROM users
JOIN (
    SELECT 'f0000000-0000-4000-8000-000000000001' AS id, 'photo' AS kind, 'Harbour at dawn' AS title,
        'image/jpeg' AS content_type, 2417731 AS bytes, TRUE AS is_public, '2026-05-01 05:40:00' AS created_at
    UNION ALL SELECT 'f0000000-0000-4000-8000-000000000002', 'photo', 'Café in the old harbour', 'image/jpeg',
        1880412, TRUE, '2026-05-01 09:15:00'
    UNION ALL SELECT 'f0000000-0000-4000-8000-000000000003', 'video', 'Ferry leaving the harbour', 'video/mp4',
        48210377, TRUE, '2026-05-02 17:02:00'
    UNION ALL SELECT 'f0000000-0000-4000-8000-000000000004', 'photo', 'Gulls, 100 % zoom', 'image/png',
        3302118, TRUE, '2026-05-03 11:30:00'
    UNION ALL SELECT 'f0000000-0000-4000-8000-000000000005', 'photo', 'Family dinner', 'image/jpeg',
        2001187, FALSE, '2026-05-04 19:45:00'
    UNION ALL SELECT 'f0000000-0000-4000-8000-000000000006', 'video', 'First steps', 'video/mp4',
        20377121, FALSE, '2026-05-05 10:20:00'
) AS example
WHERE users.email = @email COLLATE utf8mb4_nopad_bin;
