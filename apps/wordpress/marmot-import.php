<?php
/*
Plugin Name: Marmot import
Description: Reads WordPress's own export (WXR) and makes its terms, posts, metadata and comments. The importer that people use is not in Debian.
Version: 1
*/
add_action('rest_api_init', function () {
    register_rest_route('marmot/v1', '/import', array(
        'methods' => 'POST',
        'permission_callback' => function () { return current_user_can('import'); },
        'callback' => 'marmot_import',
    ));
});

function marmot_import($request) {
    require_once ABSPATH . 'wp-admin/includes/taxonomy.php';
    $document = simplexml_load_string($request->get_body());
    $count = array('posts' => 0, 'comments' => 0, 'terms' => 0);
    wp_defer_term_counting(true);
    wp_defer_comment_counting(true);
    foreach ($document->channel->item as $item) {
        $wp = $item->children('wp', true);
        if ((string) $wp->post_type !== 'post') continue;
        $post = wp_insert_post(wp_slash(array(
            'post_title' => (string) $item->title,
            'post_content' => (string) $item->children('content', true)->encoded,
            'post_excerpt' => (string) $item->children('excerpt', true)->encoded,
            'post_date' => (string) $wp->post_date,
            'post_date_gmt' => (string) $wp->post_date_gmt,
            'post_name' => (string) $wp->post_name,
            'post_status' => (string) $wp->status,
            'post_type' => 'post',
            'post_author' => get_current_user_id(),
        )), true);
        if (is_wp_error($post)) return $post;
        $count['posts']++;
        foreach ($item->category as $category) {
            $taxonomy = (string) $category['domain'];
            $term = term_exists((string) $category, $taxonomy) ?: wp_insert_term((string) $category, $taxonomy);
            if (!is_wp_error($term)) {
                wp_set_object_terms($post, array((int) $term['term_id']), $taxonomy, true);
                $count['terms']++;
            }
        }
        foreach ($wp->postmeta as $meta) add_post_meta($post, wp_slash((string) $meta->meta_key), wp_slash((string) $meta->meta_value));
        foreach ($wp->comment as $comment) {
            wp_insert_comment(wp_slash(array(
                'comment_post_ID' => $post,
                'comment_author' => (string) $comment->comment_author,
                'comment_author_email' => (string) $comment->comment_author_email,
                'comment_content' => (string) $comment->comment_content,
                'comment_date' => (string) $comment->comment_date,
                'comment_approved' => (string) $comment->comment_approved,
            )));
            $count['comments']++;
        }
    }
    wp_defer_term_counting(false);
    wp_defer_comment_counting(false);
    return $count;
}
