// Written by `npm run generate` from docs/openapi.json; changes made here are lost.
/* biome-ignore-all lint: generated */

export interface paths {
  '/api/enrollment-tokens': {
    /** Enrollment tokens, without their secret */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': {
              items: components['schemas']['EnrollmentToken'][];
            };
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    /** Make a right to add nodes */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': components['schemas']['EnrollmentTokenSpec'];
        };
      };
      responses: {
        201: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['IssuedEnrollmentToken'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/enrollment-tokens/{id}': {
    get?: never;
    put?: never;
    post?: never;
    /** Make an enrollment token worthless */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/nodes/register': {
    get?: never;
    put?: never;
    /** Redeem an enrollment token */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['Registration'];
        };
      };
      responses: {
        201: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Registered'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/nodes/{id}/credential': {
    get?: never;
    put?: never;
    /** A new credential for a node that was away longer than its old one lived */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            node: string;
            at: string;
            proof: string;
          };
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Credential'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/nodes': {
    /** Nodes with their liveness */
    get: {
      parameters: {
        query?: {
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NodeList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/nodes/{id}': {
    /** One node */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Node'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    /** Deregister a node */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/nodes/{id}/status': {
    /** What a node should run beside what it reported */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NodeStatus'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/nodes/{id}/config': {
    get?: never;
    /** Change name, labels or settings of a node */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['NodeConfig'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Node'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    post?: never;
    delete?: never;
  };
  '/api/nodes/{id}/drain': {
    get?: never;
    put?: never;
    /** Take the stacks of a node away and give it no new ones */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Node'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/nodes/{id}/credential/rotate': {
    get?: never;
    put?: never;
    /** Have a node renew its credential now */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/nodes/{id}/projects': {
    /** Compose projects on a node that no stack names */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['ProjectList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/nodes/{id}/projects/{name}/adopt': {
    get?: never;
    put?: never;
    /** Make a running Compose project a stack, where it is and as it is */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/nodes/{id}/actions/prune': {
    get?: never;
    put?: never;
    /** Have a node remove images that nothing needs */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': {
            images?: 'dangling' | 'unused';
          };
        };
      };
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/stacks': {
    /** Stacks with what nodes reported of them */
    get: {
      parameters: {
        query?: {
          node?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/stacks/{name}': {
    /** One stack with its newest specification */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackDetail'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Store a new revision of a stack and send it to its nodes */
    put: {
      parameters: {
        query?: never;
        header?: {
          'if-match'?: string;
          'if-none-match'?: '*';
        };
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['StackSpec'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackAnswer'];
          };
        };
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    post?: never;
    /** Take a stack away from all its nodes */
    delete: {
      parameters: {
        query?: {
          volumes?: 'true' | 'false';
        };
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['RemoveStackAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/stacks/{name}/revisions': {
    /** Revisions of a stack, newest first */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['RevisionList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/stacks/{name}/revisions/{revision}': {
    /** One revision with its compose text and files */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
          revision: number;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['RevisionDetail'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/stacks/{name}/plan': {
    get?: never;
    put?: never;
    /** What a deployment would change on each node */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': components['schemas']['StackSpec'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackPlan'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/stacks/{name}/rollback': {
    get?: never;
    put?: never;
    /** Go back to an earlier revision */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': components['schemas']['RollbackBody'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackAnswer'];
          };
        };
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['StackAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/stacks/{name}/actions/{action}': {
    get?: never;
    put?: never;
    /** Act on a stack: restart, pull, stop, start, scale */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
          action: 'restart' | 'pull' | 'stop' | 'start' | 'scale';
        };
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': components['schemas']['ActionBody'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['ActionAnswer'];
          };
        };
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['ActionAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/stacks/{name}/sync': {
    get?: never;
    put?: never;
    /** Look at a stack's git source and registries now */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['SyncAnswer'];
          };
        };
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['SyncAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/stacks/{name}/webhook': {
    /** The address and secret to give a forge for a stack's webhook */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Webhook'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/secrets': {
    /** Secrets with their versions, where they are used, and which nodes wait for them */
    get: {
      parameters: {
        query?: {
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['SecretList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/secrets/{name}': {
    get?: never;
    /** Set a secret, or a new version of it */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['SecretBody'];
        };
      };
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['SecretAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    post?: never;
    /** Forget a secret that no stack uses */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/secrets/{name}/recovery': {
    /** The age file that the recovery identity opens, and the nodes for which it is missing */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['SecretRecovery'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/secrets/{name}/rewrap': {
    get?: never;
    put?: never;
    /** Give nodes a secret they wait for, sealed by the holder of the recovery identity */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['RewrapBody'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/deployments': {
    /** Deployments, newest first */
    get: {
      parameters: {
        query?: {
          stack?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['DeploymentList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/deployments/{id}': {
    /** One deployment with each step on each node; live with `Accept: text/event-stream` */
    get: {
      parameters: {
        query?: {
          node?: string;
        };
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Deployment'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/deployments/{id}/continue': {
    get?: never;
    put?: never;
    /** Let the next batch of a rollout go */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/deployments/{id}/cancel': {
    get?: never;
    put?: never;
    /** Let no further batch of a rollout go */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/events': {
    /** Events, newest first; live with `Accept: text/event-stream` */
    get: {
      parameters: {
        query?: {
          node?: string;
          stack?: string;
          deployment?: string;
          type?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['EventList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/audit': {
    /** Audit records, newest first; live with `Accept: text/event-stream` */
    get: {
      parameters: {
        query?: {
          action?: string;
          object?: string;
          actor?: string;
          request?: string;
          deployment?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['AuditList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/audit/summary': {
    /** How much the audit holds, and its newest checkpoint */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['AuditSummary'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/audit/verify': {
    /** Verify the audit */
    get: {
      parameters: {
        query?: {
          from?: string;
          to?: string;
          agents?: 'true' | 'false';
          checkpoint?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['AuditVerification'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/audit/export': {
    /** The audit as a file */
    get: {
      parameters: {
        query?: {
          from?: string;
          to?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/x-ndjson': string;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/readers': {
    /** Readers, expired ones too */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['ReaderList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    /** Let a third party read events or audit records over NATS */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['ReaderSpec'];
        };
      };
      responses: {
        201: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['IssuedReader'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/readers/{name}': {
    get?: never;
    put?: never;
    post?: never;
    /** Void the credential of a reader and forget its place */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/notifications': {
    /** Targets of messages, and whether they take them */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NotificationList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/notifications/{name}': {
    /** One target of messages */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Notification'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Set a target of messages */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['NotificationSpec'];
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NotificationAnswer'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    post?: never;
    /** Forget a target and what is owed to it */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/notifications/{name}/test': {
    get?: never;
    put?: never;
    /** Send a message now and tell what came of it */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NotificationTest'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/notifications/{name}/deliveries': {
    /** Messages to a target, newest first, with what became of each */
    get: {
      parameters: {
        query?: {
          limit?: number;
          cursor?: string;
          state?: 'pending' | 'delivered' | 'dead';
        };
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['NotificationDeliveries'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/notifications/{name}/deliveries/{id}/retry': {
    get?: never;
    put?: never;
    /** Try a message again that waits or was given up */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
  '/api/logs': {
    /** Log lines, newest first; live with `Accept: text/event-stream` */
    get: {
      parameters: {
        query?: {
          node?: string;
          stack?: string;
          service?: string;
          container?: string;
          stream?: 'stdout' | 'stderr';
          since?: string;
          until?: string;
          text?: string;
          regex?: string;
          order?: 'forward' | 'backward';
          limit?: number;
          cursor?: string;
          tail?: number;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['LogPage'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/logs/download': {
    /** Log lines as a file */
    get: {
      parameters: {
        query?: {
          node?: string;
          stack?: string;
          service?: string;
          container?: string;
          stream?: 'stdout' | 'stderr';
          since?: string;
          until?: string;
          text?: string;
          regex?: string;
          format?: 'text' | 'ndjson';
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'text/plain': string;
            'application/x-ndjson': string;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/logs/coverage': {
    /** What is held of each log file, and what is missing */
    get: {
      parameters: {
        query?: {
          node?: string;
          stack?: string;
          container?: string;
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['CoverageList'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/status': {
    /** The services of the core, with their versions */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['CoreStatus'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/summary': {
    /** Counts for dashboards */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Summary'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
  };
  '/api/session': {
    /** Who is signed in */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Session'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    /** Sign in with the admin token */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            token: string;
          };
        };
      };
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': components['schemas']['Session'];
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Sign out */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/api/hooks/git/{name}': {
    get?: never;
    put?: never;
    /** A forge says that a repository changed */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        202: {
          headers: Record<string, unknown>;
          content: {
            'application/json': Record<string, never>;
          };
        };
        default: {
          headers: Record<string, unknown>;
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    delete?: never;
  };
}

export interface components {
  schemas: {
    ActionAnswer: {
      name: string;
      revision: number;
      deployment: string | null;
      changed: boolean;
    };
    ActionBody: {
      nodes?: string[];
      services?: string[];
      replicas?: number;
    };
    AuditList: {
      items: Array<{
        kind: 'audit';
        id: string;
        at: string;
        actor: {
          kind: 'operator' | 'node' | 'system';
          id: string;
          origin?: string;
          requestId: string;
        };
        action: string;
        object: string;
        outcome: 'accepted' | 'refused' | 'succeeded' | 'failed';
        code: string | null;
        detail: Record<string, string | number | boolean | null>;
        sequence: number;
        source: string;
        receivedAt: string;
        partition: string;
        number: number;
        hash: string;
        fault: 'key' | 'signature' | 'actor' | 'hole' | 'late' | 'restarted' | 'fork' | null;
      }>;
      nextCursor: string | null;
    };
    AuditSummary: {
      records: number;
      newest: {
        checkpoint: {
          kind: 'checkpoint';
          number: number;
          at: string;
          previous: string;
          root: string;
          partitions: number;
          records: number;
        };
        key: string;
        signature: string;
      } | null;
      isRestricted: boolean;
    };
    AuditVerification: {
      valid: boolean;
      first: {
        partition: string;
        number: number;
        kind: 'unreadable' | 'missing' | 'extra' | 'changed' | 'forged' | 'mislabelled' | 'rewritten' | 'truncated' | 'node-chain' | 'checkpoint-missing' | 'checkpoint-changed' | 'checkpoint-forged' | 'witness';
        detail: string;
      } | null;
      faults: Array<{
        partition: string;
        number: number;
        kind: 'unreadable' | 'missing' | 'extra' | 'changed' | 'forged' | 'mislabelled' | 'rewritten' | 'truncated' | 'node-chain' | 'checkpoint-missing' | 'checkpoint-changed' | 'checkpoint-forged' | 'witness';
        detail: string;
      }>;
      records: number;
      checkpoints: number;
      newest: {
        checkpoint: {
          kind: 'checkpoint';
          number: number;
          at: string;
          previous: string;
          root: string;
          partitions: number;
          records: number;
        };
        key: string;
        signature: string;
      } | null;
      isRestricted: boolean;
      agents: {
        asked: number;
        answered: number;
        silent: string[];
        claims: Array<{
          node: string;
          detail: string;
        }>;
      } | null;
    };
    CoreStatus: {
      version: string;
      ready: boolean;
      services: Array<{
        service: string;
        state: 'up' | 'down';
        version: string | null;
        startedAt: string | null;
        counts: Record<string, number>;
        faults?: Record<string, string>;
      }>;
    };
    CoverageList: {
      items: Array<{
        node: string;
        stack: string;
        service: string;
        container: string;
        containerName: string;
        file: string | null;
        held: Array<{
          from: number;
          to: number;
        }>;
        gaps: Array<{
          from: number | null;
          to: number | null;
          reason: 'rotated' | 'rate-limited' | 'truncated' | 'unreadable' | 'spool-full' | 'engine';
          since: string | null;
          until: string | null;
        }>;
        unknown: Array<{
          from: number;
          to: number;
        }>;
        firstAt: string | null;
        lastAt: string | null;
        lines: number;
        bytes: number;
      }>;
      nextCursor: string | null;
    };
    Credential: {
      jwt: string;
      expiresAt: string;
    };
    Deployment: {
      id: string;
      stack: string;
      kind: 'apply' | 'remove' | 'restart' | 'pull';
      revision: number;
      state: 'held' | 'pending' | 'progressing' | 'succeeded' | 'failed' | 'rolled-back' | 'superseded';
      reason: string | null;
      createdAt: string;
      createdBy: string;
      awaitsApproval: boolean;
      finishedAt: string | null;
      targets: Array<{
        node: string;
        nodeName: string;
        state: 'held' | 'pending' | 'progressing' | 'succeeded' | 'failed' | 'rolled-back' | 'superseded';
        reason: string | null;
        parked: boolean;
        finishedAt: string | null;
        batch: number;
        failure: {
          service: string;
          container: string;
          exitCode: number | null;
          lines: string[];
        } | null;
        steps: Array<{
          step: string;
          why: string;
          startedAt: string;
          finishedAt: string | null;
          outcome: 'ok' | 'failed' | null;
          reason: string | null;
          exitCode: number | null;
          output: string[];
        }>;
      }>;
    };
    DeploymentList: {
      items: components['schemas']['DeploymentSummary'][];
      nextCursor: string | null;
    };
    DeploymentSummary: {
      id: string;
      stack: string;
      kind: 'apply' | 'remove' | 'restart' | 'pull';
      revision: number;
      state: 'held' | 'pending' | 'progressing' | 'succeeded' | 'failed' | 'rolled-back' | 'superseded';
      reason: string | null;
      createdAt: string;
      createdBy: string;
      awaitsApproval: boolean;
      finishedAt: string | null;
    };
    EnrollmentToken: {
      id: string;
      name: string | null;
      labels: Record<string, string>;
      uses: number;
      used: number;
      createdAt: string;
      expiresAt: string;
      revokedAt: string | null;
    };
    EnrollmentTokenSpec: {
      ttlSeconds?: number;
      uses?: number;
      labels?: Record<string, string>;
      name?: string;
    };
    EventList: {
      items: components['schemas']['StoredEvent'][];
      nextCursor: string | null;
    };
    Facts: {
      hostname: string;
      os: string;
      arch: string;
      kernel: string;
      cpus: number;
      memoryBytes: number;
      dockerVersion?: string;
      composeVersion?: string;
    };
    IssuedEnrollmentToken: {
      id: string;
      token: string;
      expiresAt: string;
      command: string;
    };
    IssuedReader: {
      name: string;
      role: 'events' | 'audit';
      user: string;
      stream: 'EVENTS' | 'AUDIT';
      subjects: string[];
      publicKey: string;
      createdAt: string;
      createdBy: string;
      expiresAt: string;
      state: 'valid' | 'expired' | 'removing';
      jwt: string;
      servers: string[];
      ca: string;
    };
    LogItem: {
      type: 'line';
      id: string;
      node: string;
      stack: string;
      service: string;
      container: string;
      containerName: string;
      deployment: string | null;
      stream: 'stdout' | 'stderr';
      at: string;
      text: string;
      partial: boolean;
    } | {
      type: 'gap';
      id: string;
      node: string;
      stack: string;
      service: string;
      container: string;
      containerName: string;
      deployment: string | null;
      from: string | null;
      to: string | null;
      reason: 'rotated' | 'rate-limited' | 'truncated' | 'unreadable' | 'spool-full' | 'engine';
      rows: number | null;
    };
    LogPage: {
      items: components['schemas']['LogItem'][];
      nextCursor: string | null;
      previousCursor: string | null;
    };
    Node: {
      id: string;
      name: string;
      labels: Record<string, string>;
      liveness: 'pending' | 'online' | 'suspect' | 'offline';
      lastSeenAt: string | null;
      livenessSince: string | null;
      agentVersion: string | null;
      bootId: string | null;
      clockOffsetMs: number | null;
      observedGeneration: number | null;
      heartbeatSeconds: number;
      paused: boolean;
      drained: boolean;
      pruneImages?: 'off' | 'dangling' | 'unused';
      facts: components['schemas']['Facts'] | null;
      ageRecipient: string | null;
      createdAt: string;
      credentialExpiresAt: string | null;
    };
    NodeConfig: {
      name?: string;
      labels?: Record<string, string>;
      heartbeatSeconds?: number;
      paused?: boolean;
      drained?: boolean;
      pruneImages?: 'off' | 'dangling' | 'unused';
    };
    NodeList: {
      items: components['schemas']['Node'][];
      nextCursor: string | null;
    };
    NodeStatus: {
      node: string;
      desired: {
        epoch: string;
        generation: number;
        hash: string;
      } | null;
      observedGeneration: number | null;
      reportedAt: string | null;
      stacks: Array<{
        name: string;
        desiredRevision: number | null;
        observedRevision: number | null;
        phase: string;
        reason: string | null;
        drift: Array<{
          kind: 'removed' | 'stopped' | 'extra' | 'config' | 'image' | 'file';
          service: string | null;
          container: string | null;
          subject: string | null;
          expected: string | null;
          actual: string | null;
        }>;
        services: Array<{
          name: string;
          container: string;
          image: string;
          state: string;
          health: string | null;
          restarts: number;
          startedAt: string | null;
        }>;
        leftOut?: Record<string, number>;
      }>;
      conditions: Array<{
        type: string;
        status: boolean;
        reason: string;
        since: string;
      }>;
      name: string;
      liveness: 'pending' | 'online' | 'suspect' | 'offline';
      lastSeenAt: string | null;
      heartbeatAgeSeconds: number | null;
      resources: components['schemas']['Facts'] | null;
    };
    Notification: {
      name: string;
      kind: 'webhook' | 'ntfy' | 'slack' | 'discord' | 'gotify';
      address: string;
      hasSecret: boolean;
      choice: components['schemas']['NotificationChoice'];
      thresholds: components['schemas']['NotificationThresholds'];
      createdAt: string;
      updatedAt: string;
      updatedBy: string;
      pending: number;
      dead: number;
      lastDeliveredAt: string | null;
      lastError: string | null;
    };
    NotificationAnswer: {
      name: string;
      kind: 'webhook' | 'ntfy' | 'slack' | 'discord' | 'gotify';
      address: string;
      hasSecret: boolean;
      choice: components['schemas']['NotificationChoice'];
      thresholds: components['schemas']['NotificationThresholds'];
      createdAt: string;
      updatedAt: string;
      updatedBy: string;
      pending: number;
      dead: number;
      lastDeliveredAt: string | null;
      lastError: string | null;
      secret: string | null;
    };
    NotificationChoice: {
      conditions?: Array<'node-registered' | 'node-offline' | 'deployment-failed' | 'deployment-succeeded' | 'stack-unhealthy' | 'stack-drifted' | 'container-restarting' | 'document-rejected' | 'events-lost' | 'logs-lost' | 'audit-contradicted'>;
      nodes?: string[];
      stacks?: string[];
      minimumSeverity?: 'info' | 'warning' | 'error';
    };
    NotificationDeliveries: {
      items: components['schemas']['NotificationDelivery'][];
      nextCursor: string | null;
    };
    NotificationDelivery: {
      id: string;
      notification: string;
      condition: string;
      severity: 'info' | 'warning' | 'error';
      title: string;
      text: string;
      state: 'pending' | 'delivered' | 'dead';
      createdAt: string;
      attempts: number;
      lastStatus: number | null;
      lastError: string | null;
      nextTryAt: string | null;
      deliveredAt: string | null;
    };
    NotificationList: {
      items: components['schemas']['Notification'][];
    };
    NotificationSpec: {
      kind: 'webhook' | 'ntfy' | 'slack' | 'discord' | 'gotify';
      url?: string;
      secret?: string;
      choice?: components['schemas']['NotificationChoice'];
      thresholds?: components['schemas']['NotificationThresholds'];
    };
    NotificationTest: {
      delivered: boolean;
      status: number | null;
      error: string | null;
    };
    NotificationThresholds: {
      offlineSeconds?: number;
      unhealthySeconds?: number;
      restarts?: {
        count: number;
        withinSeconds: number;
      };
      flaps?: {
        count: number;
        withinSeconds: number;
      };
      steadySeconds?: number;
      quietSeconds?: number;
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      code: string;
      detail: string;
      instance: string;
      traceId: string;
      retry: string;
      issues?: Array<{
        path: string;
        message: string;
      }>;
      [field: string]: unknown;
    };
    ProjectList: {
      items: Array<{
        name: string;
        place: {
          directory: string;
          file: string;
        } | null;
        services: Array<{
          name: string;
          container: string;
          image: string;
          state: string;
          health: string | null;
        }>;
        obstacle: string | null;
      }>;
      nextCursor: string | null;
    };
    Reader: {
      name: string;
      role: 'events' | 'audit';
      user: string;
      stream: 'EVENTS' | 'AUDIT';
      subjects: string[];
      publicKey: string;
      createdAt: string;
      createdBy: string;
      expiresAt: string;
      state: 'valid' | 'expired' | 'removing';
    };
    ReaderList: {
      items: components['schemas']['Reader'][];
    };
    ReaderSpec: {
      name: string;
      role: 'events' | 'audit';
      filters?: {
        nodes?: string[];
        kinds?: Array<'node' | 'deployment' | 'node.registered' | 'node.updated' | 'node.removed' | 'node.online' | 'node.suspect' | 'node.offline' | 'node.credential-renewed' | 'node.agent-started' | 'node.document-rejected' | 'node.step-started' | 'node.step-output' | 'node.step-finished' | 'node.stack-settled' | 'node.container-changed' | 'node.events-lost' | 'node.stack-drifted' | 'node.stack-corrected' | 'node.secrets-opened' | 'node.images-pruned' | 'node.checkpoint-refused' | 'deployment.created' | 'deployment.progressed' | 'deployment.finished' | 'deployment.image-moved'>;
      };
      days?: number;
      publicKey: string;
    };
    Registered: {
      node: {
        id: string;
        name: string;
        labels: Record<string, string>;
      };
      credential: components['schemas']['Credential'];
      documentSigner: string;
      nats: {
        servers: string[];
        ca: string;
      };
    };
    Registration: {
      token: string;
      publicKey: string;
      ageRecipient: string;
      proof: string;
      agentVersion: string;
      facts: components['schemas']['Facts'];
    };
    RemoveStackAnswer: {
      name: string;
      deployment: string;
    };
    Revision: {
      revision: number;
      hash: string;
      createdAt: string;
      createdBy: string;
      deployment: string | null;
      commit: string | null;
    };
    RevisionDetail: {
      revision: number;
      hash: string;
      createdAt: string;
      createdBy: string;
      deployment: string | null;
      commit: string | null;
      compose: string;
      files: Record<string, string>;
      env: string[];
      pins?: Record<string, string>;
    };
    RevisionList: {
      items: components['schemas']['Revision'][];
      nextCursor: string | null;
    };
    RewrapBody: {
      version: number;
      nodes: Array<{
        node: string;
        stack: string;
        sealed: string;
      }>;
    };
    RollbackBody: {
      revision?: number;
    };
    Secret: {
      name: string;
      version: number;
      description: string | null;
      createdAt: string;
      updatedAt: string;
      updatedBy: string;
      stacks: string[];
      waiting: string[];
    };
    SecretAnswer: {
      name: string;
      version: number;
      deployments: Array<{
        stack: string;
        deployment: string;
      }>;
      warnings: string[];
    };
    SecretBody: {
      value?: string;
      base64?: string;
      description?: string;
    };
    SecretList: {
      items: components['schemas']['Secret'][];
      nextCursor: string | null;
      mode: 'managed' | 'strict';
      recoveryRecipient: string | null;
    };
    SecretRecovery: {
      name: string;
      version: number;
      sealed: string;
      waiting: Array<{
        node: string;
        stack: string;
        recipient: string;
      }>;
    };
    Session: {
      actor: string;
      version: string;
    };
    Stack: {
      name: string;
      revision: number;
      state: 'running' | 'stopped';
      targets: components['schemas']['Targets'];
      deployment: string | null;
      nodes: Array<{
        node: string;
        phase: 'pending' | 'applying' | 'running' | 'degraded' | 'failed' | 'stopped' | 'removing' | 'removed' | 'rolled-back';
        revision: number | null;
        reason: string | null;
        drift: Array<{
          kind: 'removed' | 'stopped' | 'extra' | 'config' | 'image' | 'file';
          service: string | null;
          container: string | null;
          subject: string | null;
          expected: string | null;
          actual: string | null;
        }>;
      }>;
      stoppedNodes: string[];
      source: {
        commit: string | null;
        seen: string | null;
        fetched?: string;
        checkedAt: string | null;
        error: string | null;
      } | null;
      images: Array<{
        service: string;
        image: string;
        pinned: string | null;
        newest: string | null;
        checkedAt: string | null;
        error: string | null;
      }>;
      createdAt: string;
      updatedAt: string;
    };
    StackAnswer: {
      name: string;
      revision: number;
      deployment: string | null;
      changed: boolean;
      warnings: string[];
    };
    StackDetail: {
      name: string;
      revision: number;
      state: 'running' | 'stopped';
      targets: components['schemas']['Targets'];
      deployment: string | null;
      nodes: Array<{
        node: string;
        phase: 'pending' | 'applying' | 'running' | 'degraded' | 'failed' | 'stopped' | 'removing' | 'removed' | 'rolled-back';
        revision: number | null;
        reason: string | null;
        drift: Array<{
          kind: 'removed' | 'stopped' | 'extra' | 'config' | 'image' | 'file';
          service: string | null;
          container: string | null;
          subject: string | null;
          expected: string | null;
          actual: string | null;
        }>;
      }>;
      stoppedNodes: string[];
      source: {
        commit: string | null;
        seen: string | null;
        fetched?: string;
        checkedAt: string | null;
        error: string | null;
      } | null;
      images: Array<{
        service: string;
        image: string;
        pinned: string | null;
        newest: string | null;
        checkedAt: string | null;
        error: string | null;
      }>;
      createdAt: string;
      updatedAt: string;
      spec: components['schemas']['StackSpec'];
      compose: string;
    };
    StackList: {
      items: components['schemas']['Stack'][];
      nextCursor: string | null;
    };
    StackPlan: {
      name: string;
      revision: number;
      changed: boolean;
      nodes: Array<{
        node: string;
        nodeName: string;
        state: 'planned' | 'parked' | 'leaves' | 'failed';
        reason: string | null;
        batch: number;
        steps: Array<{
          step: string;
          why: string;
        }>;
        changes: Array<{
          service: string;
          container: string | null;
          change: 'create' | 'recreate' | 'start' | 'stop' | 'remove' | 'keep';
          reasons: Array<{
            kind: 'new' | 'image' | 'config' | 'secret' | 'dependency' | 'orphan' | 'scale' | 'state' | 'drift';
            detail: string;
          }>;
        }>;
      }>;
      warnings: string[];
    };
    StackSpec: {
      compose?: string;
      source?: {
        repository: string;
        ref: string;
        path?: string;
        credential?: string;
        everySeconds?: number;
      };
      files?: Record<string, string>;
      env?: Record<string, string>;
      secrets?: Record<string, {
        secret?: string;
        services?: string[];
        environment?: string;
      }>;
      profiles?: string[];
      scale?: Record<string, number>;
      drift?: 'report' | 'correct';
      dependsOn?: string[];
      images?: {
        policy: 'off' | 'notify' | 'deploy';
        everySeconds?: number;
        credentials?: Record<string, string>;
      };
      logs?: {
        collect?: 'all' | 'errors' | 'off';
        linesPerSecond?: number;
        keepDays?: number;
      };
      targets: components['schemas']['Targets'];
      strategy?: {
        stabilitySeconds?: number;
        healthTimeoutSeconds?: number;
        rollback?: boolean;
        batch?: number | string;
        maxUnavailable?: number;
        pauseSeconds?: number;
        gate?: 'healthy' | 'manual';
      };
      state?: 'running' | 'stopped';
    };
    StoredEvent: {
      specversion: '1.0';
      id: string;
      type: string;
      source: string;
      subject: string;
      time: string;
      datacontenttype: 'application/json';
      nodesequence?: string;
      requestid?: string;
      stack?: string;
      data: Record<string, unknown>;
      sequence: string;
    };
    Summary: {
      nodes: {
        total: number;
        pending: number;
        online: number;
        suspect: number;
        offline: number;
      };
      stacks: {
        total: number;
        running: number;
        stopped: number;
        failed: number;
      };
    };
    SyncAnswer: {
      name: string;
      revision: number;
      deployment: string | null;
      changed: boolean;
      reason?: string;
      source: {
        commit: string | null;
        seen: string | null;
        fetched?: string;
        checkedAt: string | null;
        error: string | null;
      } | null;
      images: Array<{
        service: string;
        image: string;
        pinned: string | null;
        newest: string | null;
        checkedAt: string | null;
        error: string | null;
      }>;
    };
    Targets: {
      nodes?: string[];
      selector?: Record<string, string>;
    };
    Webhook: {
      name: string;
      path: string;
      secret: string;
      url: string;
    };
  };
}
